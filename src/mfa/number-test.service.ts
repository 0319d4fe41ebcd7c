/** A test of the number in the profile: a code that is sent to it and typed in shows that it is the member's. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, seconds } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import type { MemberVisit } from '../sessions/visit.js';
import { UserStore } from '../users/user.store.js';
import { CodeCharge, type ChargeRefusal, type WrongCode } from './code-charge.service.js';
import { type MatchedSmsCode, SmsCodes } from './sms-codes.service.js';

export type TestOutcome = { readonly outcome: 'verified' | 'none-under-way' } | WrongCode | ChargeRefusal;

/** How long the twin of a right code (a double click) is recognized. */
const twinWindow = seconds(10);

/** Rolls the transaction back: the code was used by another post, or its session ended. */
class NotClaimedError extends Error {
  readonly code = 'NOT_CLAIMED';
}

@Injectable()
export class NumberTest {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(CodeCharge) private readonly charges: CodeCharge,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Wrong ones count (but where none was sent there is nothing to guess) like any other code; a right one proves no second
   * factor, and ends no row of wrong ones.
   * @param code six digits
   */
  async checkCode(visit: MemberVisit, code: string): Promise<TestOutcome> {
    if (!(await this.smsCodes.isUnderWay(visit, 'TEST')))
      return { outcome: (await this.isJustVerified(visit)) ? 'verified' : 'none-under-way' };
    const charge = await this.charges.charge(visit);
    if (charge.outcome !== 'charged') return charge;
    const isRight = (await this.isRight(visit, code)) || (await this.isJustVerified(visit));
    if (!isRight) return this.charges.countWrong(visit, charge);
    await this.charges.giveBack(visit);
    this.log.info('phone number verified', { user: visit.member.userId });
    return { outcome: 'verified' };
  }

  private async isRight(visit: MemberVisit, code: string): Promise<boolean> {
    try {
      const match = await this.smsCodes.match(visit, 'TEST', code);
      return typeof match === 'object' && (await this.database.$transaction((transaction) => this.claim(transaction, match)));
    } catch (error) {
      if (error instanceof NotClaimedError) return false;
      await this.charges.giveBack(visit, error);
      throw error;
    }
  }

  private async claim(transaction: Transaction, match: MatchedSmsCode): Promise<true> {
    if (!(await this.smsCodes.claim(transaction, match))) throw new NotClaimedError();
    return true;
  }

  /** The post was sent twice: the number is verified, and nothing was guessed. */
  private async isJustVerified({ member }: MemberVisit): Promise<boolean> {
    const { phoneVerifiedAt } = await this.users.findPhoneFacts(member.userId);
    return phoneVerifiedAt !== null && phoneVerifiedAt > after(this.clock.now(), -twinWindow);
  }
}
