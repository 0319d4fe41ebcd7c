/** What an operator is told of a stored secret that cannot be read: never what it holds. */
import { SecretUnreadableError } from './encryption.js';
import type { Log } from './log.js';

/** Where it stands. */
export type StoredAt = {
  readonly table: string;
  readonly user?: string;
  /** of a mail, the row's id */
  readonly mail?: string;
};

/**
 * Somebody moved or changed it, or its key is not in SECRET_KEYS: it lets nobody in.
 * @throws what is no SecretUnreadableError, as it is
 */
export function tellUnreadable(log: Log, error: unknown, storedAt: StoredAt): void {
  if (!(error instanceof SecretUnreadableError)) throw error;
  log.alarm('stored secret unreadable', { ...storedAt, missingKey: error.missingKeyId });
}
