/** The database: a PostgreSQL server at DATABASE_URL, or the embedded PostgreSQL in the data directory. One schema, one SQL. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { type Prisma, PrismaClient } from '../generated/prisma/client.js';
import { type Config, ConfigurationError } from './config.js';
import { lockDataDirectory } from './data-directory-lock.js';
import { isDatabaseAway } from './database-away.js';
import { withVerifiedTls } from './database-tls.js';
import { patience } from './database-patience.js';
import { EmbeddedAdapter } from './embedded-adapter.js';
import { ReopeningClient } from './embedded-client.js';
import { aboutDataDirectory, reasonOf } from './one-line-errors.js';
import { withScripts } from './scripted-adapter.js';
import { migrationAdapter, ServerAdapter } from './server-adapter.js';

export { isDatabaseAway, isWriteRefused } from './database-away.js';
export type Transaction = Prisma.TransactionClient;

/**
 * Milliseconds: to get a connection for a transaction, and to finish it. What is counted behind a lock has to be seen as it is
 * by then, whatever isolation the database has by default.
 */
const transactionOptions = { maxWait: patience.beginning, timeout: 5_000, isolationLevel: 'ReadCommitted' } as const;

/** Nest's token and the type in one: `@Inject(Database) private readonly database: Database`. */
export class Database extends PrismaClient {
  constructor(adapter: SqlDriverAdapterFactory) {
    super({ adapter, transactionOptions, errorFormat: 'minimal' });
  }
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

/**
 * @throws DataDirectoryLockError when another process has the embedded database open
 * @throws ConfigurationError, DataDirectoryError when DATABASE_URL or DATA_DIR leads to no database
 */
export async function openDatabase({ DATABASE_URL, DATA_DIR }: Config): Promise<OpenedDatabase> {
  if (DATABASE_URL) {
    await knock(withVerifiedTls(DATABASE_URL));
    return openServer(DATABASE_URL);
  }
  return openDirectory(DATA_DIR).catch((error: unknown) => {
    throw aboutDataDirectory(DATA_DIR, error);
  });
}

async function openDirectory(directory: string): Promise<OpenedDatabase> {
  const lock = lockDataDirectory(directory);
  try {
    const opened = await openEmbedded({ dataDirectory: join(directory, 'database') });
    return { ...opened, close: () => opened.close().finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * One query that asks for nothing: whatever goes wrong with it, other than an outage, is wrong with the address. In the
 * middle of a command the same errors could not be told from our own.
 * @throws ConfigurationError
 */
async function knock(url: string): Promise<void> {
  const adapter = await migrationAdapter(url).connect();
  try {
    await adapter.queryRaw({ sql: 'SELECT 1 AS here', args: [], argTypes: [] });
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    throw new ConfigurationError('DATABASE_URL', `takes the address of a PostgreSQL database that lets gatehouse in: ${reasonOf(error)}`);
  } finally {
    await adapter.dispose();
  }
}

/** Connects at the first query. */
export function openServer(given: string): OpenedDatabase {
  const url = withVerifiedTls(given);
  const database = new Database(new ServerAdapter(url));
  return {
    database,
    connectForMigrations: async () => {
      const adapter = await migrationAdapter(url).connect();
      // The adapter's own splits the script at every semicolon and runs the parts one by one. Sent whole, PostgreSQL runs it
      // in one transaction: a migration is applied whole or not at all.
      const executeScript = async (script: string): Promise<void> => {
        await adapter.underlyingDriver().query(script);
      };
      return { adapter: withScripts(adapter, executeScript), close: () => adapter.dispose() };
    },
    close: () => database.$disconnect(),
  };
}

export type EmbeddedOptions = {
  /** undefined: in memory, for tests */
  readonly dataDirectory: string | undefined;
  /** what `PGlite.dumpDataDir` gave: a database to begin with */
  readonly dump?: Blob;
};

/** Takes no lock: two processes on one folder destroy it, so only `openDatabase` opens a folder. */
export async function openEmbedded({ dataDirectory, dump }: EmbeddedOptions): Promise<OpenedDatabase & { readonly pglite: PGlite }> {
  if (dataDirectory) keepPrivate(dataDirectory);
  const pglite = await PGlite.create({ ...(dataDirectory && { dataDir: dataDirectory }), ...(dump && { loadDataDir: dump }) });
  const client = new ReopeningClient(pglite, () => reopen(dataDirectory));
  const factory = new EmbeddedAdapter(client);
  const database = new Database(factory);
  return {
    pglite,
    database,
    connectForMigrations: async () => {
      // The adapter's own neither waits for the script nor reports its failure.
      const executeScript = async (script: string): Promise<void> => {
        await client.exec(script);
      };
      return { adapter: withScripts(await factory.connect(), executeScript), close: () => Promise.resolve() };
    },
    close: async () => {
      await database.$disconnect();
      // After a PANIC there is none: what is asked of that one never ends.
      const current = await client.current?.catch(() => undefined);
      if (current && !current.closed) await current.close();
    },
  };
}

async function reopen(dataDirectory: string | undefined): Promise<PGlite> {
  if (!dataDirectory) throw new Error('what stood in memory is gone');
  return PGlite.create({ dataDir: dataDirectory });
}

/** Also where the data directory itself was there before, and others may look into it. */
function keepPrivate(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
}
