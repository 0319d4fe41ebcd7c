/** Puts what happened on record, in the transaction of the change that it tells of: both hold, or neither. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import type { Sql } from '../platform/statement.js';
import type { MemberVisit } from '../sessions/visit.js';
import type { AuditEvent, MemberAct } from './audit-event.js';
import { AuditRecordStore } from './audit-record.store.js';

@Injectable()
export class Audit {
  constructor(
    @Inject(AuditRecordStore) private readonly records: AuditRecordStore,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** One statement, and no lock that another writer would wait for. */
  record(transaction: Transaction, event: AuditEvent): Promise<void> {
    return this.records.add(transaction, [event], this.clock.now());
  }

  /** A part of the statement that makes the change. */
  part(event: AuditEvent, when: Sql): Sql {
    return this.records.adding([event], this.clock.now(), when);
  }

  /** An act of the member who is at the door. */
  recordActOf(transaction: Transaction, visit: MemberVisit, act: MemberAct): Promise<void> {
    return this.record(transaction, actOf(visit, act));
  }

  partOfActOf(visit: MemberVisit, act: MemberAct, when: Sql): Sql {
    return this.part(actOf(visit, act), when);
  }
}

function actOf({ member, address }: MemberVisit, act: MemberAct): AuditEvent {
  return { organizationId: member.organization.id, actor: member, address, ...act };
}
