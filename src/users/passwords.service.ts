/** The password check: the same answer and the same work, whoever it is for. */
import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { Gate, type Line } from '../platform/gate.js';
import type { Transaction } from '../platform/database.js';
import { Settings } from '../platform/settings.js';
import { commonPasswords } from './common-passwords.js';
import { hashWidth } from './hash-width.js';
import {
  costOf,
  decoyWork,
  hashPassword,
  isOutdated,
  isPasswordOf,
  type StoredPassword,
  topUpWork,
  unusableHash,
} from './password-hash.js';
import { refusePassword } from './password.policy.js';
import { type PasswordProof, UserStore, type UserPassword } from './user.store.js';

/** How many may wait for a hash, in each line, before the next one is told to come back. */
const queue = 50;
const product = 'gatehouse';

@Injectable()
export class Passwords {
  private readonly gate: Gate;
  private readonly cost: number;

  constructor(
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Settings) settings: Settings,
  ) {
    const { BCRYPT_COST, UV_THREADPOOL_SIZE: threads } = settings.config;
    this.gate = new Gate(hashWidth({ cores: availableParallelism(), processes: settings.processes, threads }), queue);
    this.cost = BCRYPT_COST;
  }

  /**
   * Judges a new password.
   * @param names the person's and the organization's, which everybody could guess
   * @returns what to do about it, or undefined when it may be used
   */
  refuse(password: string, names: readonly (string | null)[]): string | undefined {
    const telling = [...names, product].filter((name) => name !== null);
    return refusePassword(password, { names: telling, common: commonPasswords() });
  }

  /** From now on nobody signs in with the password that was there; a new one is chosen by a link. */
  async disable(transaction: Transaction, userId: string): Promise<void> {
    await this.users.disablePassword(transaction, userId, unusableHash(this.cost));
  }

  /**
   * Of a new password, which takes a link or a session: strangers do not stand before it.
   * @throws GateFullError
   */
  hash(password: string): Promise<StoredPassword> {
    return this.gate.run(() => hashPassword(password, this.cost), 'ahead');
  }

  /**
   * Checks a password. Unknown, wrong and deactivated take the work of one hash at BCRYPT_COST
   * (more only where a stored hash has a higher cost); a right one that is outdated is renewed.
   * @param user undefined where nobody has the username
   * @param line in which it waits for its turn
   * @returns undefined unless the password is right and the user is active
   * @throws GateFullError before anything was compared
   */
  async check(user: UserPassword | undefined, password: string, line: Line): Promise<PasswordProof | undefined> {
    const result = await this.gate.run(() => this.compare(user, password), line);
    // Another post renewed it at the same moment, or changed it: what stands there now decides.
    return result === 'replaced' ? this.check(user && (await this.users.findPassword(user.id)), password, line) : result;
  }

  private async compare(user: UserPassword | undefined, password: string): Promise<PasswordProof | 'replaced' | undefined> {
    if (!user) {
      await decoyWork(password, this.cost);
      return undefined;
    }
    if (!(await isPasswordOf(user, password)) || user.deactivatedAt !== null) {
      await topUpWork(costOf(user.hash), this.cost);
      return undefined;
    }
    if (!isOutdated(user, this.cost)) return { userId: user.id, hash: user.hash };
    const renewed = await hashPassword(password, this.cost);
    const isRenewed = await this.users.replacePassword(user.id, user.hash, renewed);
    return isRenewed ? { userId: user.id, hash: renewed.hash } : 'replaced';
  }
}
