/** Prisma's adapter for a PostgreSQL server, with limits on every wait, and no connection given back in the middle of a transaction. */
import { PrismaPg } from '@prisma/adapter-pg';
import { type ClientBase, Pool, type PoolClient } from 'pg';
import { patience, withPatience } from './database-patience.js';

type Connecting = Awaited<ReturnType<PrismaPg['connect']>>;

/** What pg's client has, beyond what its types say. */
type Client = PoolClient & { getTransactionStatus(): string | null; end(): Promise<void> };

/** At most, of one process. */
export const poolSize = 10;

/** Milliseconds, which the server watches over, so that what nobody waits for any more ends there too. */
const ofServer = { statement: 3_000, idleInTransaction: 5_000 };

/**
 * The connections of one process, in UTC: Prisma writes an instant without its offset and reads it as if it had none, so that in
 * another time zone it would be a different one to the driver, to SQL's own now() and to whoever else looks.
 *
 * A ROLLBACK that timed out leaves its connection inside the transaction. Prisma gives it back to the pool all the same, and what
 * the next one writes would hang in that transaction and be lost after it was acknowledged: so it is closed instead.
 */
export function openPool(url: string): Pool {
  const limits = { max: poolSize, connectionTimeoutMillis: patience.connection, query_timeout: patience.answer };
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- the pool waits for it, which its types do not say
  const pool = new Pool({ connectionString: url, ...limits, application_name: 'gatehouse', onConnect: settle });
  // One that breaks while it is idle leaves the pool by itself; without a listener it would end the process.
  pool.on('error', () => undefined);
  pool.on('release', (_error, released) => {
    const client = released as Client;
    // PostgreSQL's own word at its last answer: I is idle, T in a transaction, E in a failed one.
    if (client.getTransactionStatus() !== 'I') void client.end().catch(() => undefined);
  });
  return pool;
}

/**
 * Statements, not startup parameters, which a pooler may refuse; all in one way to the server and back. What waits for a row that
 * another one changes goes on with the row as it is then, whatever the database does by default.
 */
async function settle(client: ClientBase): Promise<void> {
  await client.query(`
    SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SET TIME ZONE 'UTC';
    SET statement_timeout = ${ofServer.statement};
    SET idle_in_transaction_session_timeout = ${ofServer.idleInTransaction}`);
}

export class ServerAdapter extends PrismaPg {
  /** @param pool which whoever opened it closes */
  constructor(pool: Pool) {
    super(pool);
  }

  override async connect(): Promise<Connecting> {
    return withPatience(await super.connect());
  }
}

/** One connection without a limit on statements: a migration may take long, and waits for its turn. */
export function migrationAdapter(url: string): PrismaPg {
  return new PrismaPg({
    connectionString: url,
    connectionTimeoutMillis: patience.connection,
    max: 1,
    application_name: 'gatehouse migrate',
  });
}
