/** What an operator is told of an error that ends a command. */
import type { Environment } from '../platform/config.js';
import { isDatabaseAway } from '../platform/database-away.js';
import { isOneLineError } from '../platform/one-line-errors.js';

export function errorLine(error: unknown, { DATABASE_URL }: Environment): string {
  // What a server or the system said may have more lines than one.
  if (isOneLineError(error)) return error.message.replace(/\s*[\r\n]+\s*/g, ' ');
  if (isDatabaseAway(error)) {
    const which = DATABASE_URL ? 'the server that DATABASE_URL names (look at its host and port)' : 'the one in DATA_DIR';
    return `the database is away: ${which} could not be reached or did not answer in time`;
  }
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}
