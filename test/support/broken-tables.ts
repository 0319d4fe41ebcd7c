/** Statements that fail, as in a defect or a half outage: everything before them has happened by then. */
import type { Database } from '../../src/platform/database.js';

export type Broken = {
  readonly table: string;
  readonly on: 'INSERT' | 'UPDATE' | 'DELETE';
  /** Of records: only those of this kind. */
  readonly kind?: string;
  /** As which error; by default a defect of ours. `53100` is a full disk. */
  readonly sqlState?: string;
};

/** @returns what the work came to; the table is whole again afterwards */
export async function whileBroken<Result>(
  database: Database,
  { table, on, kind = '', sqlState = 'P0001' }: Broken,
  work: () => Promise<Result>,
): Promise<Result> {
  await database.$executeRaw`
    CREATE OR REPLACE FUNCTION fail_for_a_test() RETURNS trigger LANGUAGE plpgsql AS $body$
    BEGIN
      IF TG_ARGV[0] = '' OR to_jsonb(NEW) ->> 'kind' = TG_ARGV[0] THEN
        RAISE EXCEPTION 'broken for a test' USING ERRCODE = TG_ARGV[1];
      END IF;
      RETURN COALESCE(NEW, OLD);
    END $body$`;
  await database.$executeRaw`
    CREATE OR REPLACE FUNCTION break_table(broken text, action text, kind text, state text) RETURNS boolean LANGUAGE plpgsql AS $body$
    BEGIN
      EXECUTE format('CREATE TRIGGER broken_for_a_test BEFORE %s ON %I FOR EACH ROW EXECUTE FUNCTION fail_for_a_test(%L, %L)', action, broken, kind, state);
      RETURN true;
    END $body$`;
  await database.$queryRaw`SELECT break_table(${table}, ${on}, ${kind}, ${sqlState})`;
  try {
    return await work();
  } finally {
    await database.$executeRaw`DROP FUNCTION fail_for_a_test CASCADE`;
  }
}
