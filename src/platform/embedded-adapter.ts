/** Prisma's adapter for the embedded database, whose commits say when they failed. */
import type { PGlite } from '@electric-sql/pglite';
import type { SqlDriverAdapter, Transaction } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import type { ReopeningClient } from './embedded-client.js';

type Connecting = Awaited<ReturnType<PrismaPGlite['connect']>>;

export class EmbeddedAdapter extends PrismaPGlite {
  constructor(private readonly reopening: ReopeningClient) {
    super(reopening as unknown as PGlite);
  }

  override async connect(): Promise<Connecting> {
    const adapter = await super.connect();
    const begin = adapter.startTransaction.bind(adapter);
    const startTransaction: SqlDriverAdapter['startTransaction'] = async (level) => this.honest(await begin(level));
    return Object.assign(adapter, { startTransaction });
  }

  /**
   * The adapter swallows whatever ends a transaction after it began: a commit that failed, on a full disk for example, would be
   * told as done, and what it was to write would be missing.
   */
  private honest(transaction: Transaction): Transaction {
    const commit = transaction.commit.bind(transaction);
    const asked = Reflect.get(transaction, 'client') as object;
    return Object.assign(transaction, {
      commit: async () => {
        await commit();
        const failure = this.reopening.failureOf(asked);
        if (failure) throw failure;
      },
    });
  }
}
