/** Sign-in by username and password: the limits, then passport-local's strategy over our own password check. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database, type Transaction } from '../platform/database.js';
import type { Line } from '../platform/gate.js';
import { LocalStrategy } from '../platform/local-strategy.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { type Entry, type Opened, Sessions } from '../sessions/sessions.service.js';
import type { Rotation } from '../sessions/visit.js';
import { Arrivals } from '../users/arrivals.service.js';
import { Passwords } from '../users/passwords.service.js';
import { type PasswordProof, UserStore } from '../users/user.store.js';
import { type Acquaintance, KnownBrowsers } from './known-browsers.service.js';
import { PasswordClosed } from './password-closed.service.js';
import {
  type Attempt,
  type Charge,
  type ChargeRefusal,
  type Guess,
  type InBrowser,
  PasswordGuessing,
} from './password-guessing.service.js';

export type Credentials = Attempt & InBrowser & { readonly password: string };
export type SignInOutcome = { readonly outcome: 'right'; readonly proof: PasswordProof } | { readonly outcome: 'wrong' } | ChargeRefusal;

@Injectable()
export class SignIn {
  private readonly strategies: Readonly<Record<Line, LocalStrategy<PasswordProof>>>;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Passwords) passwords: Passwords,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(KnownBrowsers) private readonly browsers: KnownBrowsers,
    @Inject(PasswordClosed) private readonly closed: PasswordClosed,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Arrivals) private readonly arrivals: Arrivals,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(Log) private readonly log: Log,
  ) {
    const waitingIn = (line: Line) => new LocalStrategy((username, password) => passwords.check(username, password, line));
    this.strategies = { ahead: waitingIn('ahead'), behind: waitingIn('behind') };
  }

  /** @throws GateFullError when too many passwords are waiting to be compared; the try is not counted */
  async checkPassword(credentials: Credentials): Promise<SignInOutcome> {
    const { member, isKnown } = await this.browsers.look(credentials);
    const refused = { user: member?.userId, address: credentials.address };
    const guess = { ...credentials, isKnown };
    const charge = await this.guessing.charge(guess);
    if (charge.outcome !== 'charged') {
      this.log.security(`sign-in refused: ${charge.outcome}`, refused);
      return charge;
    }
    const proof = await this.compare(guess, charge);
    if (proof) return { outcome: 'right', proof };
    this.log.security('sign-in refused: wrong username or password', refused);
    this.noteFullRow(member, charge, credentials.address);
    await this.owed.seeTo(() => this.guessing.settle(charge), 'once');
    await this.recordRefusal(member, credentials.address);
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
        this.log.security('sign-in refused: the password holds no more', { user: userId, address: entry.address });
        return undefined;
      }
      const opened = await this.sessions.open(transaction, entry);
      if (!opened.isTwin) await this.recordEntry(transaction, entry, opened);
      return opened.rotation;
    });
  }

  private async compare(guess: Guess & Credentials, charge: Charge): Promise<PasswordProof | undefined> {
    const proof = await this.authenticate(guess, charge);
    if (!proof) return undefined;
    await this.owed.seeTo(() => this.guessing.clearAfterSuccess(guess, charge), 'once');
    this.log.info('password accepted', { user: proof.userId });
    return proof;
  }

  /** Who signed in here before does not wait behind strangers, however many they are. */
  private async authenticate({ username, password, isKnown }: Guess & Credentials, charge: Charge): Promise<PasswordProof | undefined> {
    try {
      return await this.strategies[isKnown ? 'ahead' : 'behind'].authenticate(username, password);
    } catch (error) {
      await this.owed.afterFailure(error, () => this.guessing.giveBack(charge));
      throw error;
    }
  }

  /** A name that nobody has costs the same work, and is kept nowhere: it may be a password in the wrong field. */
  private async recordRefusal(subject: Acquaintance['member'], address: string): Promise<void> {
    const event = { kind: 'password-refused', outcome: 'REFUSED', actor: 'visitor', address } as const;
    await this.audit.record(this.database, { ...event, subject, organizationId: subject?.organization.id });
  }

  private noteFullRow(member: Acquaintance['member'], { endedBy }: Charge, address: string): void {
    if (endedBy === 'row') this.closed.tell(member, address);
    if (endedBy === 'device-row')
      this.log.security('known browser counts as unknown after wrong passwords', { user: member?.userId, address });
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
