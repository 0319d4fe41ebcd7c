/** The audit records. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { askIn, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { randomId } from '../platform/randomness.js';
import { always, type Sql } from '../platform/statement.js';
import { contentPurpose, contentText, type RecordContent } from './audit-content.js';
import type { AuditEvent } from './audit-event.js';

/** The organization id of the installation's own records. */
export const installation = '00000000-0000-0000-0000-000000000000';

@Injectable()
export class AuditRecordStore {
  constructor(@Inject(Keyring) private readonly keyring: Keyring) {}

  /** In one statement. */
  async add(transaction: Transaction, events: readonly AuditEvent[], at: Date): Promise<void> {
    if (events.length > 0) await askIn(transaction, this.adding(events, at, always));
  }

  /** A part: one record at least. */
  adding(events: readonly AuditEvent[], at: Date, when: Sql): Sql {
    const rows = events.map((event) => rowOf(this.sealed(contentOf(event, at))));
    return Prisma.sql`
      INSERT INTO audit_records (id, organization_id, at, kind, outcome, actor_id, actor, subject_id, subject, address, details, mac)
      SELECT added.* FROM (VALUES ${Prisma.join(rows)}) AS added WHERE ${when} RETURNING id`;
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

function rowOf({ id, organizationId, at, kind, outcome, ...said }: RecordContent & { readonly mac: string }): Sql {
  const { actorId, actor, subjectId, subject, address, details, mac } = said;
  return Prisma.sql`(${id}::uuid, ${organizationId}::uuid, ${at}::timestamptz, ${kind}::text, ${outcome}::"AuditOutcome",
    ${actorId}::uuid, ${actor}::text, ${subjectId}::uuid, ${subject}::text, ${address}::text, ${details}::text, ${mac}::text)`;
}
