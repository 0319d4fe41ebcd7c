/**
 * The tries of the second factor, authenticator and SMS together: charged before a code is compared, in a statement of
 * its own, and given back when the comparison could not be made.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { after, Clock, seconds, secondsUntil } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { ifAny } from '../platform/statement.js';
import { Settings } from '../platform/settings.js';
import { ChallengeCodes } from '../sessions/challenge-codes.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import { CodeTriesStore, type Standing } from './code-tries.store.js';
import { type CodeLimits, codeLimits, codeWait } from './domain/code-limits.js';
import { secondFactorClosedMail } from './mfa.mail.js';

/** Why no code is taken now. */
export type ChargeRefusal =
  /** This challenge has had its codes: the session is ended. */
  { readonly outcome: 'challenge-over' } | { readonly outcome: 'waiting'; readonly seconds: number } | { readonly outcome: 'closed' };

/** A code that is not right, or fits nothing any more. */
export type WrongCode = { readonly outcome: 'wrong-code' } | { readonly outcome: 'challenge-over' };

export type Charge = { readonly outcome: 'charged'; readonly inRow: number };

/** A wait that began less than this ago may be the charge of a code that is still being compared. */
const inFlight = seconds(2);

@Injectable()
export class CodeCharge {
  private readonly limits: CodeLimits;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(CodeTriesStore) private readonly tries: CodeTriesStore,
    @Inject(ChallengeCodes) private readonly challenge: ChallengeCodes,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) settings: Settings,
  ) {
    this.limits = codeLimits(settings.leniency);
  }

  async charge(visit: MemberVisit): Promise<Charge | ChargeRefusal> {
    const { userId } = visit.member;
    const charging = this.tries.charging(userId, this.limits, this.clock.now());
    const counting = this.challenge.charging(visit, this.limits.perChallenge, ifAny('charged'));
    const { inRow, isCounted } = await this.tries.charge(charging, counting);
    if (inRow === null) return this.refuse(visit);
    if (isCounted) return { outcome: 'charged', inRow };
    await this.tries.refund(userId, this.limits);
    await this.challenge.settle(visit);
    await this.challenge.endAfter(visit, this.limits.perChallenge);
    this.log.security('code refused', { user: userId, address: visit.address, because: 'challenge-over' });
    return { outcome: 'challenge-over' };
  }

  /**
   * Never throws: the error of the comparison is what the request ends with.
   * @param failure that error, where there was one
   */
  async giveBack(visit: MemberVisit, failure?: unknown): Promise<void> {
    await this.owed.afterFailure(failure, () => this.tries.refund(visit.member.userId, this.limits));
    await this.owed.afterFailure(failure, () => this.challenge.refund(visit));
  }

  async countWrong(visit: MemberVisit, { inRow }: Charge): Promise<WrongCode> {
    const { userId: user } = visit.member;
    this.log.security('wrong code', { user, address: visit.address, inRow });
    await this.audit.recordActOf(this.database, visit, { kind: 'code-refused', outcome: 'REFUSED', details: { inRow } });
    if (inRow >= this.limits.untilClosed) await this.tellClosed(visit);
    return { outcome: (await this.challenge.endAfter(visit, this.limits.perChallenge)) ? 'challenge-over' : 'wrong-code' };
  }

  standingOf(userId: string): Promise<Standing> {
    return this.tries.findStanding(userId, this.clock.now());
  }

  private async tellClosed(visit: MemberVisit): Promise<void> {
    this.log.security('second factor closed', { user: visit.member.userId, address: visit.address });
    await this.database.$transaction(async (transaction) => {
      await this.mail.tell(transaction, visit.member, secondFactorClosedMail);
      await this.audit.recordActOf(transaction, visit, { kind: 'second-factor-closed' });
    });
  }

  private async refuse(visit: MemberVisit): Promise<ChargeRefusal> {
    const { userId: user } = visit.member;
    const standing = await this.standingOf(user);
    this.log.security('code refused', { user, address: visit.address, because: standing.state === 'closed' ? 'closed' : 'waiting' });
    if (standing.state === 'closed') return { outcome: 'closed' };
    const now = this.clock.now();
    const until = standing.state === 'waiting' ? standing.until : now;
    if (until > after(now, codeWait - inFlight)) await this.challenge.settle(visit);
    return { outcome: 'waiting', seconds: secondsUntil(until, now) };
  }
}
