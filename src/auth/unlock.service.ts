/** For the operator: lets a member try again at once, password and second factor. */
import type { Audit } from '../audit/audit.service.js';
import type { CodeTriesStore } from '../mfa/code-tries.store.js';
import type { Database } from '../platform/database.js';
import type { UserStore } from '../users/user.store.js';
import type { PasswordGuessing } from './password-guessing.service.js';

export type UnlockParts = {
  readonly database: Database;
  readonly users: UserStore;
  readonly codeTries: CodeTriesStore;
  readonly guessing: PasswordGuessing;
  readonly audit: Audit;
};

/**
 * Clears the password waits of a username and opens a closed second factor; the rate of an address stays.
 * @returns the username as it is stored; undefined when nobody has it
 */
export async function unlock({ database, users, codeTries, guessing, audit }: UnlockParts, username: string): Promise<string | undefined> {
  const subject = await users.findMember(username);
  if (!subject) return undefined;
  await database.$transaction(async (transaction) => {
    await codeTries.clear(transaction, subject.userId);
    const organizationId = subject.organization.id;
    await audit.record(transaction, { organizationId, kind: 'second-factor-opened', actor: 'operator', subject, address: undefined });
  });
  await guessing.forget(subject.username);
  return subject.username;
}
