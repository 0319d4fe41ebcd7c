/** Reads the records of an organization, the newest first: a page at a time, or all of them in batches. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { after, hours } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { usernameKey } from '../users/username.js';
import type { RecordContent } from './audit-content.js';
import type { AuditKind } from './audit-event.js';
import type { AuditQuery, Cursor } from './audit-log.query.js';

const batch = 1_000;

@Injectable()
export class AuditLogStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** By where the last one stood, not by how many came before: as quick at the end as at the beginning. */
  async find(
    organizationId: string,
    query: AuditQuery,
    { before, limit }: { before: Cursor | undefined; limit: number },
  ): Promise<RecordContent[]> {
    const person = await this.conditionOfPerson(organizationId, query.person);
    return this.database.$queryRaw<RecordContent[]>`
      SELECT id, organization_id AS "organizationId", at, kind, outcome::text AS outcome, actor_id AS "actorId", actor,
        subject_id AS "subjectId", subject, address, details
      FROM audit_records
      WHERE organization_id = ${organizationId}::uuid AND ${person} AND ${conditionOf(query)} AND ${conditionOfCursor(before)}
      ORDER BY at DESC, id DESC LIMIT ${limit}`;
  }

  async findLast(organizationId: string, kind: AuditKind): Promise<RecordContent | undefined> {
    const query = { person: '', kind, from: '', to: '' };
    return (await this.find(organizationId, query, { before: undefined, limit: 1 }))[0];
  }

  /** All of them; nothing is held between two batches, and no more than one is in memory. */
  async *findAll(organizationId: string, query: AuditQuery): AsyncGenerator<readonly RecordContent[]> {
    let before: Cursor | undefined;
    for (;;) {
      const records = await this.find(organizationId, query, { before, limit: batch });
      if (records.length > 0) yield records;
      before = records.at(-1);
      if (records.length < batch) return;
    }
  }

  /** Who has the username now; for one that nobody has, by the name that was written down. */
  private async conditionOfPerson(organizationId: string, person: string): Promise<Prisma.Sql> {
    if (person === '') return Prisma.sql`TRUE`;
    const where = { organizationId, usernameKey: usernameKey(person) };
    const id = (await this.database.user.findFirst({ where, select: { id: true } }))?.id;
    if (id === undefined) return Prisma.sql`(actor = ${person} OR subject = ${person})`;
    return Prisma.sql`(actor_id = ${id}::uuid OR subject_id = ${id}::uuid)`;
  }
}

function conditionOf({ kind, from, to }: AuditQuery): Prisma.Sql {
  const conditions = [
    ...(kind === '' ? [] : [Prisma.sql`kind = ${kind}`]),
    ...(from === '' ? [] : [Prisma.sql`at >= ${new Date(from)}::timestamptz`]),
    ...(to === '' ? [] : [Prisma.sql`at < ${after(new Date(to), hours(24))}::timestamptz`]),
  ];
  return conditions.length > 0 ? Prisma.join(conditions, ' AND ') : Prisma.sql`TRUE`;
}

function conditionOfCursor(before: Cursor | undefined): Prisma.Sql {
  return before ? Prisma.sql`(at, id) < (${before.at}::timestamptz, ${before.id}::uuid)` : Prisma.sql`TRUE`;
}
