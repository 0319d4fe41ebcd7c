/** What every command that needs the database does before and after. */
import type { Config } from '../platform/config.js';
import { openDatabase, type OpenedDatabase } from '../platform/database.js';

/** Opens the database for `run` alone and closes it after, whatever happens: on the embedded one that frees the lock. */
export async function withDatabase<Result>(config: Config, run: (opened: OpenedDatabase) => Promise<Result>): Promise<Result> {
  const opened = await openDatabase(config);
  try {
    return await run(opened);
  } finally {
    await opened.close();
  }
}
