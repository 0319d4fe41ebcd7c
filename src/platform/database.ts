/** The database: a PostgreSQL server at DATABASE_URL, or the embedded PostgreSQL in the data directory. One schema, one SQL. */
import { type Config, ConfigurationError } from './config.js';
import { isDatabaseAway } from './database-away.js';
import { Database, type OpenedDatabase } from './database-client.js';
import { withVerifiedTls } from './database-tls.js';
import { ServerDriver } from './driver.js';
import { aboutDataDirectory, reasonOf } from './one-line-errors.js';
import { withScripts } from './scripted-adapter.js';
import { migrationAdapter, openPool, ServerAdapter } from './server-adapter.js';

export { isDatabaseAway, isWriteRefused } from './database-away.js';
export { askIn, Database, type MigrationConnection, type OpenedDatabase, type Transaction } from './database-client.js';

/**
 * @throws DataDirectoryLockError when another process has the embedded database open
 * @throws ConfigurationError, DataDirectoryError when DATABASE_URL or DATA_DIR leads to no database
 */
export async function openDatabase({ DATABASE_URL, DATA_DIR }: Config): Promise<OpenedDatabase> {
  if (DATABASE_URL) {
    await knock(withVerifiedTls(DATABASE_URL));
    return openServer(DATABASE_URL);
  }
  const { openDirectory } = await import('./embedded-database.js');
  return openDirectory(DATA_DIR).catch((error: unknown) => {
    throw aboutDataDirectory(DATA_DIR, error);
  });
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
  const pool = openPool(url);
  const database = new Database(new ServerAdapter(pool), new ServerDriver(pool));
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
    close: () => database.$disconnect().finally(() => pool.end()),
  };
}
