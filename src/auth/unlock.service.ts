/** For the operator: lets a member try again at once, password and second factor. */
import type { CodeTriesStore } from '../mfa/code-tries.store.js';
import type { Database } from '../platform/database.js';
import type { UserStore } from '../users/user.store.js';
import type { PasswordGuessing } from './password-guessing.service.js';

export type UnlockParts = {
  readonly database: Database;
  readonly users: UserStore;
  readonly codeTries: CodeTriesStore;
  readonly guessing: PasswordGuessing;
};

/**
 * Clears the password waits of a username and opens a closed second factor; the rate of an address stays.
 * @returns the username as it is stored; undefined when nobody has it
 */
export async function unlock({ database, users, codeTries, guessing }: UnlockParts, username: string): Promise<string | undefined> {
  const user = await users.find(username);
  if (!user) return undefined;
  await guessing.forget(user.username);
  await database.$transaction((transaction) => codeTries.clear(transaction, user.id));
  return user.username;
}
