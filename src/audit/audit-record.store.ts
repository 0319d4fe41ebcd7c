/** The audit records. */
import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { randomId } from '../platform/randomness.js';
import { contentPurpose, contentText, type RecordContent } from './audit-content.js';
import type { AuditEvent } from './audit-event.js';

/** The organization id of the installation's own records. */
export const installation = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class AuditRecordStore {
  constructor(@Inject(Keyring) private readonly keyring: Keyring) {}

  /** In one statement. */
  async add(transaction: Transaction, events: readonly AuditEvent[], at: Date): Promise<void> {
    const data = events.map((event) => this.sealed(contentOf(event, at)));
    if (data.length > 0) await transaction.auditRecord.createMany({ data });
  }

  private sealed(record: RecordContent) {
    return { ...record, mac: this.keyring.mac(contentPurpose, contentText(record)) };
  }
}

function contentOf(event: AuditEvent, at: Date): RecordContent {
  const { organizationId = installation, kind, outcome = 'DONE', actor, subject, address, details = {} } = event;
  const by = typeof actor === 'string' ? { actorId: null, actor } : { actorId: actor.userId, actor: actor.username };
  const to = { subjectId: subject?.userId ?? null, subject: subject?.username ?? null };
  return { id: randomId(), organizationId, at, kind, outcome, ...by, ...to, address: address ?? null, details: JSON.stringify(details) };
}
