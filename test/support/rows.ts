/** Every row of a PostgreSQL database, to see all that a request changed, in whatever table. */
import type { Database } from '../../src/platform/database.js';

type Content = Readonly<Record<string, unknown>>;
export type Change = {
  /** Such as `users.role`; `users+` for a new row, `users-` for one that is gone. */
  readonly what: string;
  readonly table: string;
  readonly row: Content;
};
export type Rows = ReadonlyMap<string, { readonly table: string; readonly content: Content }>;

/** Written by the program in its own time, or for each request whatever it asks for. */
const ofNobody = ['audit_records', 'audit_chains', 'mail_messages', 'outbox_messages', 'rate_counts', 'password_tries', 'known_devices'];

const known = new WeakSet<Database>();

export async function rowsOf(database: Database): Promise<Rows> {
  if (!known.has(database)) await makeFunction(database);
  known.add(database);
  const rows = await database.$queryRaw<{ table: string; key: string[]; content: Content }[]>`SELECT * FROM every_row()`;
  return new Map(rows.map(({ table, key, content }) => [[table, ...key.map((name) => content[name])].join(' '), { table, content }]));
}

/** What differs, but for the records, mails and counters that go with every act. */
export function changesBetween(before: Rows, after: Rows): readonly Change[] {
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, { table, content }]) => ({ what: `${table}-`, table, row: content }));
  const others = [...after].flatMap(([key, { table, content }]) => {
    const old = before.get(key)?.content;
    if (!old) return [{ what: `${table}+`, table, row: content }];
    const columns = Object.keys(content).filter((name) => JSON.stringify(content[name]) !== JSON.stringify(old[name]));
    return columns.map((column) => ({ what: `${table}.${column}`, table, row: content }));
  });
  return [...gone, ...others]
    .filter(({ table, what }) => !ofNobody.includes(table) && what !== 'sessions.last_seen_at')
    .sort((a, b) => (a.what < b.what ? -1 : 1));
}

/** Whether an act that says so may make this change: `users.role`, or `invitations` for all of a table. */
export function isCovered({ what, table }: Change, changes: readonly string[]): boolean {
  return changes.includes(what) || changes.includes(table);
}

async function makeFunction(database: Database): Promise<void> {
  await database.$executeRaw`
    CREATE OR REPLACE FUNCTION every_row() RETURNS TABLE ("table" text, key text[], content jsonb) LANGUAGE plpgsql AS $body$
    DECLARE named record;
    BEGIN
      FOR named IN
        SELECT c.relname AS name, array_agg(a.attname::text) AS columns FROM pg_class c
          JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE '\\_prisma%' GROUP BY c.relname
      LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, %L::text[], to_jsonb(r) FROM %I r', named.name, named.columns, named.name);
      END LOOP;
    END $body$`;
}
