/** Checking an authenticator code of a member: the limits, the window, and each step once. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { SessionStore } from '../sessions/session.store.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { AuthenticatorStore } from './authenticator.store.js';
import { CodeTriesStore, type Standing } from './code-tries.store.js';
import { type CodeLimits, codeLimits } from './domain/code-limits.js';
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
    @Inject(SessionStore) private readonly sessionStore: SessionStore,
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
    if (charged === undefined) return this.refusedBy(await this.standingOf(userId));
    if (!(await this.sessionStore.chargeCode(visit.session.id, this.limits.perChallenge))) {
      await this.tries.refund(userId, this.limits);
      return { outcome: 'challenge-over' };
    }
    const rotation = await this.compare(visit, code, acceptance);
    return rotation ? { outcome: 'accepted', rotation } : this.countWrong(visit, charged);
  }

  standingOf(userId: string): Promise<Standing> {
    return this.tries.findStanding(userId, this.clock.now());
  }

  private async compare(visit: MemberVisit, code: string, acceptance: Acceptance): Promise<Rotation | undefined> {
    try {
      const secret = await this.authenticators.findSecret(visit.member.userId);
      const step = secret && matchedStep(secret, code, this.clock.now());
      return step ? await this.accept(visit, step, acceptance) : undefined;
    } catch (error) {
      if (error instanceof NotClaimedError) return undefined;
      await this.giveBack(visit);
      throw error;
    }
  }

  private accept(visit: MemberVisit, step: number, { to, also }: Acceptance): Promise<Rotation> {
    const { userId } = visit.member;
    return this.database.$transaction(async (transaction) => {
      if (!(await this.authenticators.claimStep(transaction, userId, step))) throw new NotClaimedError();
      const rotation = await this.sessions.prove(transaction, visit, { method: 'TOTP', to });
      if (!rotation) throw new NotClaimedError();
      await this.tries.clear(transaction, userId);
      await also?.(transaction);
      return rotation;
    });
  }

  private async giveBack({ session, member }: MemberVisit): Promise<void> {
    try {
      await this.tries.refund(member.userId, this.limits);
      await this.sessionStore.refundCode(session.id);
    } catch (error) {
      this.log.error('a charged code could not be given back', error, { user: member.userId });
    }
  }

  private async countWrong({ session, member }: MemberVisit, charged: number): Promise<CodeOutcome> {
    this.log.security('wrong code', { user: member.userId, inRow: charged });
    if (charged >= this.limits.untilClosed) this.log.security('second factor closed', { user: member.userId });
    if ((await this.sessionStore.countCodes(session.id)) < this.limits.perChallenge) return { outcome: 'wrong-code' };
    await this.sessions.end(session.id);
    return { outcome: 'challenge-over' };
  }

  private refusedBy(standing: Standing): CodeOutcome {
    if (standing.state === 'closed') return { outcome: 'closed' };
    const until = standing.state === 'waiting' ? standing.until : this.clock.now();
    return { outcome: 'waiting', seconds: Math.max(1, Math.ceil((until.getTime() - this.clock.now().getTime()) / 1000)) };
  }
}
