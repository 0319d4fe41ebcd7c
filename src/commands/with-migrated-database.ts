/** For commands that read and write rows: a database that lacks a migration is refused in one line, not in the middle. */
import type { Config } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { pendingMigrations } from '../platform/migrations.js';
import { withDatabase } from './with-database.js';

/** Refused, and why: the message is one line that says what to do. */
export class RefusedByCommandError extends Error {
  readonly code = 'REFUSED_BY_COMMAND';
}

/** @throws RefusedByCommandError */
export function withMigratedDatabase<Result>(config: Config, run: (database: Database) => Promise<Result>): Promise<Result> {
  return withDatabase(config, async (opened) => {
    if ((await pendingMigrations(opened)).length > 0)
      throw new RefusedByCommandError('the database lacks migrations: run gatehouse migrate first');
    return run(opened.database);
  });
}
