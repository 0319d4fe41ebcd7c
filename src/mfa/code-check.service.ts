/** Checking a code that proves the second factor: the authenticator's, or in a challenge the one that was sent by SMS. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { tellUnreadable } from '../platform/unreadable-secret.js';
import type { SecondFactorMethod } from '../sessions/domain/sign-in-stage.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { type ArrivalBy, Arrivals } from '../users/arrivals.service.js';
import { AuthenticatorStore } from './authenticator.store.js';
import { CodeCharge, type ChargeRefusal, type WrongCode } from './code-charge.service.js';
import { CodeTriesStore } from './code-tries.store.js';
import { matchedStep } from './domain/totp.js';
import { SmsCodes } from './sms-codes.service.js';

export type CodeOutcome = { readonly outcome: 'accepted'; readonly rotation: Rotation } | WrongCode | ChargeRefusal | UncheckedCode;
/** What is stored of the authenticator cannot be read, and no code by SMS is under way: nothing was compared, and no try charged. */
export type UncheckedCode = { readonly outcome: 'not-checked' };

type Acceptance = {
  /** Where the post leads. */
  readonly to: string;
  /** Whether a code by SMS is taken too: in a challenge, not in a step-up. */
  readonly takesSms?: boolean;
  /** What else the right code does, in the same transaction. */
  readonly also?: (transaction: Transaction) => Promise<void>;
};

/** A code that fits, and what uses it up: false when another post was first. */
type Match = { readonly method: SecondFactorMethod; readonly by: ArrivalBy; claim(transaction: Transaction): Promise<boolean> };

/** Rolls the transaction back: the code was used by another post, or the session moved on. */
class NotClaimedError extends Error {
  readonly code = 'NOT_CLAIMED';
}

@Injectable()
export class CodeCheck {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuthenticatorStore) private readonly authenticators: AuthenticatorStore,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(CodeCharge) private readonly charges: CodeCharge,
    @Inject(CodeTriesStore) private readonly tries: CodeTriesStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Arrivals) private readonly arrivals: Arrivals,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Charges a try, compares, and on a right code uses it up and proves the second factor in one transaction.
   * @param code six digits
   */
  async checkCode(visit: MemberVisit, code: string, acceptance: Acceptance): Promise<CodeOutcome> {
    const charge = await this.charges.charge(visit);
    if (charge.outcome !== 'charged') return charge;
    const compared = await this.compare(visit, code, acceptance);
    if (!compared) return this.charges.countWrong(visit, charge);
    if (compared !== 'unreadable') return { outcome: 'accepted', rotation: compared };
    await this.charges.giveBack(visit);
    return { outcome: 'not-checked' };
  }

  private async compare(visit: MemberVisit, code: string, acceptance: Acceptance): Promise<Rotation | 'unreadable' | undefined> {
    try {
      const match = await this.match(visit, code, acceptance);
      return typeof match === 'object' ? await this.accept(visit, match, acceptance) : match;
    } catch (error) {
      if (error instanceof NotClaimedError) return undefined;
      await this.charges.giveBack(visit, error);
      throw error;
    }
  }

  /**
   * Both factors are looked up before either decides: a look-up that fails gives the try back, so it must fail a right code
   * like a wrong one, or each wrong one would be a free guess.
   * @returns undefined for a code that was compared and is wrong: one guess of a code by SMS is one, also beside a broken secret
   */
  private async match(visit: MemberVisit, code: string, { takesSms = false }: Acceptance): Promise<Match | 'unreadable' | undefined> {
    const bySms = takesSms ? await this.smsCodes.match(visit, 'CHALLENGE', code) : undefined;
    const byAuthenticator = await this.matchAuthenticator(visit, code);
    if (typeof byAuthenticator === 'object') return byAuthenticator;
    if (bySms === 'wrong-code') return undefined;
    return bySms ? { method: 'SMS', by: 'sms', claim: (transaction) => bySms.claim(transaction) } : byAuthenticator;
  }

  private async matchAuthenticator(visit: MemberVisit, code: string): Promise<Match | 'unreadable' | undefined> {
    const { userId } = visit.member;
    const authenticator = await this.findAuthenticator(userId);
    if (authenticator === 'unreadable') return authenticator;
    const step = authenticator && matchedStep(authenticator.secret, code, this.clock.now());
    if (!step) return undefined;
    const { confirmedAt } = authenticator;
    const claim = (transaction: Transaction) => this.authenticators.claimStep(transaction, userId, { step, confirmedAt });
    return { method: 'TOTP', by: 'authenticator', claim };
  }

  private async findAuthenticator(user: string) {
    try {
      return await this.authenticators.find(user);
    } catch (error) {
      tellUnreadable(this.log, error, { table: 'authenticators', user });
      return 'unreadable' as const;
    }
  }

  private async accept(visit: MemberVisit, match: Match, { to, also }: Acceptance): Promise<Rotation> {
    const { userId } = visit.member;
    const rotation = await this.database.$transaction(async (transaction) => {
      // Arrivals write the member's row, which comes before all others: whoever resets a member takes it first, too.
      await this.recordProof(transaction, visit, match);
      if (!(await match.claim(transaction))) throw new NotClaimedError();
      const proven = await this.sessions.prove(transaction, visit, { method: match.method, to });
      if (!proven) throw new NotClaimedError();
      await this.tries.clear(transaction, userId);
      await this.smsCodes.endChallenge(transaction, visit);
      await also?.(transaction);
      return proven;
    });
    this.log.info('code accepted', { user: userId, by: match.by });
    return rotation;
  }

  /** In a challenge it completes the sign-in; a member who is in has proven once more who they are. */
  private recordProof(transaction: Transaction, visit: MemberVisit, { by }: Match): Promise<void> {
    if (visit.stage === 'challenge') return this.arrivals.record(transaction, visit, by);
    return this.audit.recordActOf(transaction, visit, { kind: 'step-up', details: { by } });
  }
}
