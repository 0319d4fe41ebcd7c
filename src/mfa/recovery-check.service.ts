/** A recovery code in place of another second factor: also while codes wait, and where the second factor is closed. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Clock, secondsUntil } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { Settings } from '../platform/settings.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { Arrivals } from '../users/arrivals.service.js';
import { MemberMail } from '../users/member-mail.service.js';
import { CodeTriesStore } from './code-tries.store.js';
import { hashOfRecoveryCode, wrongUntilWait } from './domain/recovery-code.js';
import { recoveryCodeUsedMail } from './recovery.mail.js';
import { RecoveryCodeStore } from './recovery-code.store.js';
import { RecoveryTriesStore } from './recovery-tries.store.js';

export type RecoveryOutcome =
  | { readonly outcome: 'accepted'; readonly rotation: Rotation }
  | { readonly outcome: 'wrong-code' }
  | { readonly outcome: 'waiting'; readonly seconds: number };

/** Rolls the transaction back: the code is not right or was used, or the session moved on. */
class NotClaimedError extends Error {
  readonly code = 'NOT_CLAIMED';
}

@Injectable()
export class RecoveryCheck {
  private readonly untilWait: number;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RecoveryCodeStore) private readonly codes: RecoveryCodeStore,
    @Inject(RecoveryTriesStore) private readonly tries: RecoveryTriesStore,
    @Inject(CodeTriesStore) private readonly codeTries: CodeTriesStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Arrivals) private readonly arrivals: Arrivals,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) settings: Settings,
  ) {
    this.untilWait = wrongUntilWait * settings.leniency;
  }

  /** @param code as `readRecoveryCode` gives it */
  async useCode(visit: MemberVisit, code: string): Promise<RecoveryOutcome> {
    const { address } = visit;
    const { userId } = visit.member;
    const now = this.clock.now();
    if (!(await this.tries.charge(userId, this.untilWait, now))) {
      this.log.security('recovery code refused', { user: userId, address, because: 'waiting' });
      return { outcome: 'waiting', seconds: secondsUntil((await this.tries.findWaitingUntil(userId)) ?? now, now) };
    }
    const rotation = await this.compare(visit, code);
    if (rotation) return { outcome: 'accepted', rotation };
    this.log.security('wrong recovery code', { user: userId, address });
    await this.audit.recordActOf(this.database, visit, { kind: 'code-refused', outcome: 'REFUSED', details: { by: 'recovery-code' } });
    return { outcome: 'wrong-code' };
  }

  private async compare(visit: MemberVisit, code: string): Promise<Rotation | undefined> {
    try {
      const rotation = await this.database.$transaction((transaction) => this.accept(transaction, visit, code));
      this.log.info('code accepted', { user: visit.member.userId, by: 'recovery-code' });
      return rotation;
    } catch (error) {
      if (error instanceof NotClaimedError) return undefined;
      await this.owed.afterFailure(error, () => this.tries.refund(visit.member.userId));
      throw error;
    }
  }

  /** The member's row first (Arrivals), as whoever resets their factors does. */
  private async accept(transaction: Transaction, visit: MemberVisit, code: string): Promise<Rotation> {
    const { userId } = visit.member;
    await this.arrivals.record(transaction, visit, 'recovery-code');
    const used = { userId, codeHash: hashOfRecoveryCode(code), at: this.clock.now() };
    if (!(await this.codes.claim(transaction, used))) throw new NotClaimedError();
    // Before the session, as whoever charges a code takes them.
    const wasClosed = await this.codeTries.clear(transaction, userId);
    await this.tries.clear(transaction, userId);
    const rotation = await this.sessions.prove(transaction, visit, { method: 'RECOVERY_CODE', to: visit.session.returnTo ?? '/' });
    if (!rotation) throw new NotClaimedError();
    const { left } = await this.codes.findStanding(transaction, userId);
    await this.mail.tell(transaction, visit.member, (about) => recoveryCodeUsedMail({ ...about, left }));
    await this.audit.recordActOf(transaction, visit, { kind: 'recovery-code-used', details: { left } });
    if (wasClosed) await this.audit.recordActOf(transaction, visit, { kind: 'second-factor-opened', details: { by: 'recovery-code' } });
    return rotation;
  }
}
