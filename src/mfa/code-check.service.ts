/** Checking an authenticator code of a member: the limits, the window, and each step once. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, seconds, secondsUntil } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { AuthenticatorStore } from './authenticator.store.js';
import { CodeTriesStore, type Standing } from './code-tries.store.js';
import { type CodeLimits, codeLimits, codeWait } from './domain/code-limits.js';
import { matchedStep } from './domain/totp.js';

export type CodeOutcome =
  | { readonly outcome: 'accepted'; readonly rotation: Rotation }
  | { readonly outcome: 'wrong-code' }
  /** This challenge has had its codes: the session is ended. */
  | { readonly outcome: 'challenge-over' }
  | { readonly outcome: 'waiting'; readonly seconds: number }
  | { readonly outcome: 'closed' };

type Acceptance = {
  /** Where the post leads. */
  readonly to: string;
  /** What else the right code does, in the same transaction. */
  readonly also?: (transaction: Transaction) => Promise<void>;
};

/** Rolls the transaction back: the step was used by another post, or the session moved on. */
class NotClaimedError extends Error {
  readonly code = 'NOT_CLAIMED';
}

@Injectable()
export class CodeCheck {
  private readonly limits: CodeLimits;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuthenticatorStore) private readonly authenticators: AuthenticatorStore,
    @Inject(CodeTriesStore) private readonly tries: CodeTriesStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) settings: Settings,
  ) {
    this.limits = codeLimits(settings.leniency);
  }

  /**
   * Compares a code with the member's authenticator. A try is charged first, in a statement of its own, and given
   * back when the comparison could not be made; a right code is used up and proves the second factor in one transaction.
   * @param code six digits
   */
  async checkCode(visit: MemberVisit, code: string, acceptance: Acceptance): Promise<CodeOutcome> {
    const { userId } = visit.member;
    const charged = await this.tries.charge(userId, this.limits, this.clock.now());
    if (charged === undefined) return this.refuse(visit);
    if (!(await this.sessions.chargeCode(visit, this.limits.perChallenge))) {
      await this.tries.refund(userId, this.limits);
      await this.sessions.settle(visit);
      await this.sessions.endAfterCodes(visit, this.limits.perChallenge);
      return { outcome: 'challenge-over' };
    }
    const rotation = await this.compare(visit, code, acceptance);
    if (!rotation) return this.countWrong(visit, charged);
    this.log.info('code accepted', { user: userId, by: 'authenticator' });
    return { outcome: 'accepted', rotation };
  }

  standingOf(userId: string): Promise<Standing> {
    return this.tries.findStanding(userId, this.clock.now());
  }

  private async compare(visit: MemberVisit, code: string, acceptance: Acceptance): Promise<Rotation | undefined> {
    try {
      const authenticator = await this.authenticators.find(visit.member.userId);
      const step = authenticator && matchedStep(authenticator.secret, code, this.clock.now());
      return step ? await this.accept(visit, { step, confirmedAt: authenticator.confirmedAt }, acceptance) : undefined;
    } catch (error) {
      if (error instanceof NotClaimedError) return undefined;
      await this.giveBack(visit);
      throw error;
    }
  }

  private accept(
    visit: MemberVisit,
    claim: { readonly step: number; readonly confirmedAt: Date },
    { to, also }: Acceptance,
  ): Promise<Rotation> {
    const { userId } = visit.member;
    return this.database.$transaction(async (transaction) => {
      if (!(await this.authenticators.claimStep(transaction, userId, claim))) throw new NotClaimedError();
      const rotation = await this.sessions.prove(transaction, visit, { method: 'TOTP', to });
      if (!rotation) throw new NotClaimedError();
      await this.tries.clear(transaction, userId);
      await also?.(transaction);
      return rotation;
    });
  }

  private async giveBack(visit: MemberVisit): Promise<void> {
    try {
      await this.tries.refund(visit.member.userId, this.limits);
      await this.sessions.refundCode(visit);
    } catch (error) {
      this.log.error('a charged code could not be given back', error, { user: visit.member.userId });
    }
  }

  private async countWrong(visit: MemberVisit, charged: number): Promise<CodeOutcome> {
    const user = visit.member.userId;
    this.log.security('wrong code', { user, inRow: charged });
    if (charged >= this.limits.untilClosed) this.log.security('second factor closed', { user });
    return { outcome: (await this.sessions.endAfterCodes(visit, this.limits.perChallenge)) ? 'challenge-over' : 'wrong-code' };
  }

  private async refuse(visit: MemberVisit): Promise<CodeOutcome> {
    const standing = await this.standingOf(visit.member.userId);
    if (standing.state === 'closed') return { outcome: 'closed' };
    const now = this.clock.now();
    const until = standing.state === 'waiting' ? standing.until : now;
    if (until > after(now, codeWait - inFlight)) await this.sessions.settle(visit);
    return { outcome: 'waiting', seconds: secondsUntil(until, now) };
  }
}

/** A wait that began less than this ago may be the charge of a code that is still being compared. */
const inFlight = seconds(2);
