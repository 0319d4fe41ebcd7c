/** The embedded PostgreSQL. It is loaded where it is used, and not at all with a PostgreSQL server. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { lockDataDirectory } from './data-directory-lock.js';
import { Database, type OpenedDatabase } from './database-client.js';
import { EmbeddedAdapter } from './embedded-adapter.js';
import { ReopeningClient } from './embedded-client.js';
import { EmbeddedDriver } from './embedded-driver.js';
import { withScripts } from './scripted-adapter.js';

/** @throws DataDirectoryLockError when another process has it open */
export async function openDirectory(directory: string): Promise<OpenedDatabase> {
  const lock = lockDataDirectory(directory);
  try {
    const opened = await openEmbedded({ dataDirectory: join(directory, 'database') });
    return { ...opened, close: () => opened.close().finally(() => lock.release()) };
  } catch (error) {
    lock.release();
    throw error;
  }
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
  const database = new Database(factory, new EmbeddedDriver(client));
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
