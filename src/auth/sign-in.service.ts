/** Sign-in by username and password: the limits, then passport-local's strategy over our own password check. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database, type Transaction } from '../platform/database.js';
import { LocalStrategy } from '../platform/local-strategy.js';
import { Log } from '../platform/log.js';
import { type Entry, type Opened, Sessions } from '../sessions/sessions.service.js';
import type { Rotation } from '../sessions/visit.js';
import { Arrivals } from '../users/arrivals.service.js';
import { Passwords } from '../users/passwords.service.js';
import { type PasswordProof, UserStore } from '../users/user.store.js';
import { type Attempt, type Keys, PasswordGuessing } from './password-guessing.service.js';

export type Credentials = Attempt & { readonly password: string };
export type SignInOutcome =
  | { readonly outcome: 'right'; readonly proof: PasswordProof }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'waiting'; readonly seconds: number };

@Injectable()
export class SignIn {
  private readonly strategy: LocalStrategy<PasswordProof>;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Passwords) passwords: Passwords,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Arrivals) private readonly arrivals: Arrivals,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Log) private readonly log: Log,
  ) {
    this.strategy = new LocalStrategy((username, password) => passwords.check(username, password));
  }

  /** @throws GateFullError when too many passwords are waiting to be compared; the try is not counted */
  async checkPassword(credentials: Credentials): Promise<SignInOutcome> {
    const charge = await this.guessing.charge(credentials);
    if (charge.outcome === 'waiting') {
      this.log.security('sign-in refused: waiting');
      return charge;
    }
    const proof = await this.compare(credentials, charge.keys);
    if (proof) return { outcome: 'right', proof };
    await this.guessing.settle(charge.keys);
    this.log.security('sign-in refused: wrong username or password');
    await this.recordRefusal(credentials);
    return { outcome: 'wrong' };
  }

  /**
   * After a right password: the session, and who came, in one transaction. A double click is one sign-in.
   * @returns undefined when the password was changed or taken away since it was compared, or the member deactivated:
   * whoever does that ends all sessions, and one that is opened a moment later would outlive it
   */
  enter({ userId, hash }: PasswordProof, whence: Omit<Entry, 'userId'>): Promise<Rotation | undefined> {
    const entry = { ...whence, userId };
    return this.database.$transaction(async (transaction) => {
      if (!(await this.users.lockWithPassword(transaction, { userId, hash }))) {
        this.log.security('sign-in refused: the password holds no more', { user: userId });
        return undefined;
      }
      const opened = await this.sessions.open(transaction, entry);
      if (!opened.isTwin) await this.recordEntry(transaction, entry, opened);
      return opened.rotation;
    });
  }

  private async compare({ username, password }: Credentials, keys: Keys): Promise<PasswordProof | undefined> {
    try {
      const proof = await this.strategy.authenticate(username, password);
      if (!proof) return undefined;
      await this.guessing.clearAfterSuccess(keys);
      this.log.info('password accepted', { user: proof.userId });
      return proof;
    } catch (error) {
      await this.guessing.giveBack(keys).catch((failed: unknown) => this.log.error('a charged try could not be given back', failed));
      throw error;
    }
  }

  /** A name that nobody has costs the same work, and is kept nowhere: it may be a password in the wrong field. */
  private async recordRefusal({ username, address }: Credentials): Promise<void> {
    const subject = await this.users.findMember(username);
    const event = { kind: 'password-refused', outcome: 'REFUSED', actor: 'visitor', address } as const;
    await this.audit.record(this.database, { ...event, subject, organizationId: subject?.organization.id });
  }

  private async recordEntry(transaction: Transaction, entry: Entry, { halfOpenStage }: Opened): Promise<void> {
    const member = await this.users.getMember(transaction, entry.userId);
    if (!halfOpenStage) return this.arrivals.record(transaction, { ...entry, member }, 'password');
    const { address } = entry;
    const details = { owed: halfOpenStage };
    return this.audit.record(transaction, {
      organizationId: member.organization.id,
      kind: 'password-accepted',
      actor: member,
      address,
      details,
    });
  }
}
