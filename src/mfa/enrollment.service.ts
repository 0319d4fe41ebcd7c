/** Setting an authenticator up: the secret that this session alone is shown, and its first right code. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { after, Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { halfOpenLifetime } from '../sessions/domain/sign-in-stage.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { UserStore } from '../users/user.store.js';
import { Arrivals } from '../users/arrivals.service.js';
import { MemberMail } from '../users/member-mail.service.js';
import { AuthenticatorStore, type NewAuthenticator } from './authenticator.store.js';
import { type AppEntry, appEntry, keyUri, matchedStep, newSecret } from './domain/totp.js';
import { authenticatorAddedMail, authenticatorReplacedMail } from './mfa.mail.js';
import { RecoveryCodes } from './recovery-codes.service.js';
import { PendingAuthenticatorStore } from './pending-authenticator.store.js';

/** What the page shows of a secret that is not confirmed yet. */
export type Invitation = { readonly secret: string; readonly uri: string; readonly entry: AppEntry };

export type EnrollmentOutcome =
  | { readonly outcome: 'accepted'; readonly rotation: Rotation }
  | { readonly outcome: 'wrong-code' }
  /** The secret that was shown is over, or another sign-in confirmed an authenticator first. */
  | { readonly outcome: 'superseded' };

class SupersededError extends Error {
  readonly code = 'SUPERSEDED';
}

@Injectable()
export class Enrollment {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuthenticatorStore) private readonly authenticators: AuthenticatorStore,
    @Inject(PendingAuthenticatorStore) private readonly pending: PendingAuthenticatorStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(RecoveryCodes) private readonly recoveryCodes: RecoveryCodes,
    @Inject(Arrivals) private readonly arrivals: Arrivals,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('pending_authenticators', (now) => this.pending.sweep(after(now, -halfOpenLifetime)));
  }

  /** The same secret over reloads, tabs and wrong codes of one session, and never another session's. */
  async showPending({ session, member }: MemberVisit): Promise<Invitation> {
    const since = this.oldestPending();
    const secret = (await this.pending.find(session.id, since)) ?? (await this.createPending(session.id, member.userId, since));
    const entry = appEntry(this.settings.config.TOTP_ISSUER, member.organization.name, member.username);
    return { secret, entry, uri: keyUri(entry, secret) };
  }

  /** What the policy asks for, at enrollment or before it has to be: the first right code confirms it, and proves who it is. */
  confirmFirst(visit: MemberVisit, code: string): Promise<EnrollmentOutcome> {
    return this.confirm(visit, code, {
      to: codesPage(visit.session.returnTo ?? '/'),
      kind: 'authenticator-added',
      write: (transaction, row) => this.authenticators.add(transaction, row),
    });
  }

  /** Signed in: takes the place of the authenticator, which keeps working until this moment. */
  confirmReplacement(visit: MemberVisit, code: string, since: Date): Promise<EnrollmentOutcome> {
    const to = '/profile/security?done=replaced';
    const write: Write = (transaction, row) => this.authenticators.replace(transaction, since, row);
    return this.confirm(visit, code, { to, kind: 'authenticator-replaced', write });
  }

  /** Signed in, where the policy does not ask for it: the member's own choice, confirmed by the first right code. */
  confirmChosen(visit: MemberVisit, code: string): Promise<EnrollmentOutcome> {
    const write: Write = async (transaction, row) => {
      await this.users.chooseTwoFactor(transaction, row.userId, true);
      await this.audit.recordActOf(transaction, visit, { kind: 'two-factor-chosen' });
      return this.authenticators.add(transaction, row);
    };
    return this.confirm(visit, code, { to: codesPage('/profile/security?done=chosen'), kind: 'authenticator-added', write });
  }

  private async createPending(sessionId: string, userId: string, since: Date): Promise<string> {
    const secret = newSecret();
    await this.pending.create({ sessionId, userId, secret, createdAt: this.clock.now() }, since);
    return (await this.pending.find(sessionId, since)) ?? secret;
  }

  private async confirm(visit: MemberVisit, code: string, { to, kind, write }: Confirmation): Promise<EnrollmentOutcome> {
    const { session, member } = visit;
    const secret = await this.pending.find(session.id, this.oldestPending());
    if (!secret) return { outcome: 'superseded' };
    const confirmedAt = this.clock.now();
    const lastUsedStep = matchedStep(secret, code, confirmedAt);
    if (lastUsedStep === undefined) return { outcome: 'wrong-code' };
    try {
      const rotation = await this.database.$transaction(async (transaction) => {
        // The member's row first, as whoever ends their sessions does: an arrival writes it.
        if (visit.stage === 'enrollment') await this.arrivals.record(transaction, visit, 'authenticator');
        else await this.users.lockDetails(transaction, member.userId);
        if (!(await write(transaction, { userId: member.userId, secret, confirmedAt, lastUsedStep }))) throw new SupersededError();
        await this.mail.tell(transaction, member, mails[kind]);
        return this.finish(transaction, visit, { to, kind });
      });
      this.log.info('authenticator confirmed', { user: member.userId });
      return { outcome: 'accepted', rotation };
    } catch (error) {
      if (error instanceof SupersededError) return { outcome: 'superseded' };
      throw error;
    }
  }

  private async finish(transaction: Transaction, visit: MemberVisit, { to, kind }: Omit<Confirmation, 'write'>): Promise<Rotation> {
    await this.pending.endAllOf(transaction, visit.member.userId);
    await this.sessions.forgetOtherProofs(transaction, visit);
    const rotation = await this.sessions.prove(transaction, visit, { method: 'TOTP', to });
    if (!rotation) throw new SupersededError();
    await this.audit.recordActOf(transaction, visit, { kind });
    if (kind === 'authenticator-added') await this.recoveryCodes.make(transaction, visit);
    return rotation;
  }

  private oldestPending(): Date {
    return after(this.clock.now(), -halfOpenLifetime);
  }
}

/** Recovery codes are offered on the way to the page that the member is going to; nothing holds them there. */
function codesPage(returnTo: string): string {
  return `/profile/recovery-codes?returnTo=${encodeURIComponent(returnTo)}`;
}

type Write = (transaction: Transaction, row: NewAuthenticator) => Promise<boolean>;
type Confirmation = { readonly to: string; readonly kind: keyof typeof mails; readonly write: Write };
const mails = { 'authenticator-added': authenticatorAddedMail, 'authenticator-replaced': authenticatorReplacedMail } as const;
