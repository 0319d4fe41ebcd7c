/** Checking a code that proves the second factor: the authenticator's, or in a challenge the one that was sent by SMS. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/log.js';
import { untilItStands } from '../platform/statement.js';
import { tellUnreadable } from '../platform/unreadable-secret.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { AuthenticatorStore } from './authenticator.store.js';
import { CodeCharge, type ChargeRefusal, type WrongCode } from './code-charge.service.js';
import { matchedStep } from './domain/totp.js';
import { type Factors, FactorsStore } from './factors.store.js';
import { type Acceptance, type Match, Proofs } from './proof.service.js';
import { SmsCodes } from './sms-codes.service.js';

export type CodeOutcome = { readonly outcome: 'accepted'; readonly rotation: Rotation } | WrongCode | ChargeRefusal | UncheckedCode;
/** What is stored of the authenticator cannot be read, and no code by SMS is under way: nothing was compared, and no try charged. */
export type UncheckedCode = { readonly outcome: 'not-checked' };

/** @property takesSms whether a code by SMS is taken too: in a challenge, not in a step-up */
type Check = Acceptance & { readonly takesSms?: boolean };

@Injectable()
export class CodeCheck {
  constructor(
    @Inject(FactorsStore) private readonly factors: FactorsStore,
    @Inject(AuthenticatorStore) private readonly authenticators: AuthenticatorStore,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(CodeCharge) private readonly charges: CodeCharge,
    @Inject(Proofs) private readonly proofs: Proofs,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Charges a try, compares, and on a right code uses it up and proves the second factor: with the look-up of the visit, four queries.
   * @param code six digits
   */
  async checkCode(visit: MemberVisit, code: string, check: Check): Promise<CodeOutcome> {
    const charge = await this.charges.charge(visit);
    if (charge.outcome !== 'charged') return charge;
    const compared = await this.compare(visit, code, check);
    if (!compared) return this.charges.countWrong(visit, charge);
    if (compared !== 'unreadable') return { outcome: 'accepted', rotation: compared };
    await this.charges.giveBack(visit);
    return { outcome: 'not-checked' };
  }

  private async compare(visit: MemberVisit, code: string, check: Check): Promise<Rotation | 'unreadable' | undefined> {
    try {
      return await this.prove(visit, code, check);
    } catch (error) {
      await this.charges.giveBack(visit, error);
      throw error;
    }
  }

  /** @returns undefined for a code that was compared and is wrong, or was used by another post */
  private prove(visit: MemberVisit, code: string, check: Check): Promise<Rotation | 'unreadable' | undefined> {
    return untilItStands(async () => {
      const factors = await this.factors.find(visit, this.clock.now());
      const match = factors && this.match(visit, code, factors, check);
      if (typeof match !== 'object' || !factors) return match === 'unreadable' ? match : undefined;
      const proven = await this.proofs.prove(visit, { ...check, match, factors });
      if (typeof proven === 'object') this.log.info('code accepted', { user: visit.member.userId, by: match.by });
      return proven;
    });
  }

  /** One guess of a code by SMS is one, also beside a broken secret. */
  private match(visit: MemberVisit, code: string, factors: Factors, { takesSms = false }: Check): Match | 'unreadable' | undefined {
    const bySms = takesSms ? this.smsCodes.compare(visit, 'CHALLENGE', code, factors) : undefined;
    const byAuthenticator = this.matchAuthenticator(visit, code, factors);
    if (typeof byAuthenticator === 'object') return byAuthenticator;
    if (bySms === 'wrong-code') return undefined;
    if (!bySms) return byAuthenticator;
    return { method: 'SMS', by: 'sms', phone: factors.phone, claiming: (when) => this.smsCodes.claiming(bySms, when) };
  }

  private matchAuthenticator({ member }: MemberVisit, code: string, { authenticator }: Factors): Match | 'unreadable' | undefined {
    const { userId } = member;
    const secret = authenticator && this.secretOf(userId, authenticator.secret);
    if (!secret || typeof secret !== 'object') return secret;
    const step = matchedStep(secret.plain, code, this.clock.now());
    if (!step) return undefined;
    const { confirmedAt } = authenticator;
    const claiming: Match['claiming'] = (when) => this.authenticators.claimingStep(userId, { step, confirmedAt }, when);
    return { method: 'TOTP', by: 'authenticator', phone: undefined, claiming };
  }

  private secretOf(user: string, stored: string): { readonly plain: string } | 'unreadable' {
    try {
      return { plain: this.authenticators.reveal(user, stored) };
    } catch (error) {
      tellUnreadable(this.log, error, { table: 'authenticators', user });
      return 'unreadable';
    }
  }
}
