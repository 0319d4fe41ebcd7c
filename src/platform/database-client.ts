/** Prisma's client as the product uses it, and what an opened database is, whichever of the two it is. */
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { type Prisma, PrismaClient } from '../generated/prisma/client.js';
import { patience } from './database-patience.js';
import type { Driver } from './driver.js';

export type Transaction = Prisma.TransactionClient;

/**
 * Milliseconds: to get a connection for a transaction, and to finish it. What is counted behind a lock has to be seen as it is
 * by then, whatever isolation the database has by default.
 */
const transactionOptions = { maxWait: patience.beginning, timeout: 5_000, isolationLevel: 'ReadCommitted' } as const;

/** Prisma's client is a proxy that gives itself out as a plain object, so its class tells it from a transaction as little. */
const databases = new WeakMap<object, Database>();

/** Nest's token and the type in one: `@Inject(Database) private readonly database: Database`. */
export class Database extends PrismaClient {
  constructor(
    adapter: SqlDriverAdapterFactory,
    private readonly driver: Driver,
  ) {
    super({ adapter, transactionOptions, errorFormat: 'minimal' });
    databases.set(this, this);
  }

  /** One statement of the hot path, asked of the driver itself; a transaction of its own. */
  ask<Row>(statement: Prisma.Sql): Promise<Row[]> {
    return this.driver.ask(statement) as Promise<Row[]>;
  }
}

/** The same statement in the transaction that is given, or by itself. */
export function askIn<Row>(transaction: Transaction, statement: Prisma.Sql): Promise<Row[]> {
  return databases.get(transaction)?.ask<Row>(statement) ?? transaction.$queryRaw<Row[]>(statement);
}

/** The one connection that migrations run on. */
export type MigrationConnection = {
  readonly adapter: SqlDriverAdapter;
  close(): Promise<void>;
};

export type OpenedDatabase = {
  readonly database: Database;
  connectForMigrations(): Promise<MigrationConnection>;
  close(): Promise<void>;
};
