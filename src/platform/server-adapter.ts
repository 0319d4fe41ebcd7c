/** Prisma's adapter for a PostgreSQL server, with limits on every wait, and no connection given back in the middle of a transaction. */
import { PrismaPg } from '@prisma/adapter-pg';
import { withPatience } from './database-patience.js';

type Connecting = Awaited<ReturnType<PrismaPg['connect']>>;

/** What pg's client has, beyond what its types say. */
type PoolClient = { getTransactionStatus(): string | null; end(): Promise<void> };

/** At most, of one process. */
export const poolSize = 10;

/** Milliseconds. By default pg waits for ever, both to connect and for an answer. */
const limits = {
  connectionTimeoutMillis: 2_000,
  query_timeout: 3_000,
  statement_timeout: 3_000,
  idle_in_transaction_session_timeout: 5_000,
};

export class ServerAdapter extends PrismaPg {
  constructor(url: string) {
    super({ connectionString: url, max: poolSize, ...limits, application_name: 'gatehouse' });
  }

  /**
   * A ROLLBACK that timed out leaves its connection inside the transaction. Prisma gives it back to the pool all the same,
   * and what the next one writes would hang in that transaction and be lost after it was acknowledged: so it is closed instead.
   */
  override async connect(): Promise<Connecting> {
    const adapter = await super.connect();
    adapter.underlyingDriver().on('release', (_error: Error, client: object) => {
      const held = client as PoolClient;
      // PostgreSQL's own word at its last answer: I is idle, T in a transaction, E in a failed one.
      if (held.getTransactionStatus() !== 'I') void held.end().catch(() => undefined);
    });
    return withPatience(adapter);
  }
}

/** One connection without a limit on statements: a migration may take long, and waits for its turn. */
export function migrationAdapter(url: string): PrismaPg {
  return new PrismaPg({
    connectionString: url,
    connectionTimeoutMillis: limits.connectionTimeoutMillis,
    max: 1,
    application_name: 'gatehouse migrate',
  });
}
