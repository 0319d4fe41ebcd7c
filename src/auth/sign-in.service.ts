/** Sign-in by username and password: the limits, then passport-local's strategy over our own password check. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database } from '../platform/database.js';
import { LocalStrategy } from '../platform/local-strategy.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import type { Rotation } from '../sessions/visit.js';
import { Passwords } from '../users/passwords.service.js';
import type { PasswordProof } from '../users/user.store.js';
import type { Claimant } from './claimant.store.js';
import { SessionOpening, type RightPassword, type Whence } from './session-opening.service.js';
import { type Acquaintance, KnownBrowsers } from './known-browsers.service.js';
import { PasswordClosed } from './password-closed.service.js';
import type { Charge, ChargeRefusal } from './password-charging.service.js';
import { type Attempt, type InBrowser, PasswordGuessing } from './password-guessing.service.js';

export type Credentials = Attempt & InBrowser & { readonly password: string };
type Wrong = { readonly outcome: 'wrong' } | ChargeRefusal;
type Compared = ({ readonly outcome: 'right' } & RightPassword) | Wrong;
export type PasswordOutcome = { readonly outcome: 'right'; readonly proof: PasswordProof } | Wrong;
export type SignInOutcome = { readonly outcome: 'in'; readonly rotation: Rotation } | Wrong;

@Injectable()
export class SignIn {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(KnownBrowsers) private readonly browsers: KnownBrowsers,
    @Inject(PasswordClosed) private readonly closed: PasswordClosed,
    @Inject(SessionOpening) private readonly opening: SessionOpening,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * From the password to the session, in four queries.
   * @throws GateFullError when too many passwords are waiting to be compared; the try is not counted
   */
  async signIn(credentials: Pick<Credentials, 'username' | 'password'>, whence: Whence): Promise<SignInOutcome> {
    const { visitorId, address } = whence;
    const compared = await this.compare({ ...credentials, visitorId, address });
    if (compared.outcome !== 'right') return compared;
    const rotation = await this.opening.open(compared, whence);
    return rotation ? { outcome: 'in', rotation } : { outcome: 'wrong' };
  }

  /**
   * The password alone: nothing is opened.
   * @throws GateFullError as above
   */
  async checkPassword(credentials: Credentials): Promise<PasswordOutcome> {
    const compared = await this.compare(credentials);
    if (compared.outcome === 'right') await this.owed.seeTo(() => this.opening.clear(compared), 'once');
    return compared;
  }

  private async compare(credentials: Credentials): Promise<Compared> {
    const acquaintance = await this.browsers.look(credentials);
    const { claimant, isKnown } = acquaintance;
    const refused = { user: claimant?.userId, address: credentials.address };
    const guess = { ...credentials, isKnown };
    const charge = await this.guessing.charge(guess);
    if (charge.outcome !== 'charged') {
      this.log.security(`sign-in refused: ${charge.outcome}`, refused);
      return charge;
    }
    const proof = await this.authenticate(credentials, acquaintance, charge);
    if (proof) {
      this.log.info('password accepted', { user: proof.userId });
      return { outcome: 'right', proof, acquaintance, charged: { guess, charge } };
    }
    this.log.security('sign-in refused: wrong username or password', refused);
    this.noteFullRow(claimant, charge, credentials.address);
    await this.owed.seeTo(() => this.guessing.settle(charge), 'once');
    await this.recordRefusal(claimant, credentials.address);
    return { outcome: 'wrong' };
  }

  /** Who signed in here before does not wait behind strangers, however many they are. */
  private async authenticate(
    { username, password }: Credentials,
    { claimant, isKnown }: Acquaintance,
    charge: Charge,
  ): Promise<PasswordProof | undefined> {
    const user = claimant && { id: claimant.userId, ...claimant.password, deactivatedAt: claimant.facts.deactivatedAt };
    const strategy = new LocalStrategy((_, given) => this.passwords.check(user, given, isKnown ? 'ahead' : 'behind'));
    try {
      return await strategy.authenticate(username, password);
    } catch (error) {
      await this.owed.afterFailure(error, () => this.guessing.giveBack(charge));
      throw error;
    }
  }

  /** A name that nobody has costs the same work, and is kept nowhere: it may be a password in the wrong field. */
  private async recordRefusal(subject: Claimant | undefined, address: string): Promise<void> {
    const event = { kind: 'password-refused', outcome: 'REFUSED', actor: 'visitor', address } as const;
    await this.audit.record(this.database, { ...event, subject, organizationId: subject?.organization.id });
  }

  private noteFullRow(member: Claimant | undefined, { endedBy }: Charge, address: string): void {
    if (endedBy === 'row') this.closed.tell(member, address);
    if (endedBy === 'device-row')
      this.log.security('known browser counts as unknown after wrong passwords', { user: member?.userId, address });
  }
}
