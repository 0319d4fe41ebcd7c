/** Whether anything changed in the database: one digest a table over all of its rows (PostgreSQL server only). */
import { MailDelivery } from '../../src/mail/mail-delivery.service.js';
import type { Door } from './door.js';

export type TableDigests = Readonly<Record<string, string>>;

/** Leaves out the chain of the audit: records are put into it by themselves, a moment after they were written. */
export async function tableDigests({ app, database }: Door): Promise<TableDigests> {
  await app.get(MailDelivery).deliverDue();
  const rows = await database.$queryRaw<{ name: string; digest: string }[]>`
    SELECT tablename AS name, md5(query_to_xml(
      format('SELECT (to_jsonb(t) - ''position'' - ''link'')::text AS row FROM %I AS t ORDER BY 1', tablename), true, false, '')::text) AS digest
    FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'audit_chains' ORDER BY 1`;
  return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
}

/** The tables whose rows are not what they were. */
export function changedTables(before: TableDigests, after: TableDigests): readonly string[] {
  return Object.keys(after).filter((name) => before[name] !== after[name]);
}
