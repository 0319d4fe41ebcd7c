/** A member's recovery codes: made, shown once, renewed. They never count as being enrolled. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { randomBase32 } from '../platform/randomness.js';
import { Sessions } from '../sessions/sessions.service.js';
import { ShownCodes } from '../sessions/shown-codes.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import { UserStore } from '../users/user.store.js';
import { codeLength, codesPerSet, groupedRecoveryCode, hashOfRecoveryCode } from './domain/recovery-code.js';
import { recoveryCodesRenewedMail } from './recovery.mail.js';
import { RecoveryCodeStore, type RecoveryStanding } from './recovery-code.store.js';

@Injectable()
export class RecoveryCodes {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(RecoveryCodeStore) private readonly codes: RecoveryCodeStore,
    @Inject(ShownCodes) private readonly shown: ShownCodes,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  standingOf({ member }: MemberVisit): Promise<RecoveryStanding> {
    return this.codes.standingOf(member.userId);
  }

  /** The codes that this session still has to keep, in groups. */
  findShown({ session }: MemberVisit): Promise<readonly string[] | undefined> {
    return this.shown.find(session);
  }

  /** A new set in place of the one before, shown to this session alone. */
  async make(transaction: Transaction, visit: MemberVisit): Promise<void> {
    const codes = Array.from({ length: codesPerSet }, () => randomBase32(codeLength));
    await this.codes.replace(transaction, visit.member.userId, codes.map(hashOfRecoveryCode), this.clock.now());
    await this.shown.show(transaction, visit, codes.map(groupedRecoveryCode));
    await this.audit.recordActOf(transaction, visit, { kind: 'recovery-codes-made' });
  }

  /** A double click makes one set: the one that the page shows. */
  async renew(visit: MemberVisit): Promise<'renewed' | 'proof-needed' | 'not-enrolled'> {
    const { member } = visit;
    if (!member.authenticatorSince) return 'not-enrolled';
    if (!this.sessions.hasFreshProof(visit)) return 'proof-needed';
    const found = await this.database.$transaction(async (transaction) => {
      await this.users.lockDetails(transaction, member.userId);
      const standing = await this.shown.hold(transaction, visit);
      if (standing !== 'free') return standing;
      await this.make(transaction, visit);
      await this.mail.tell(transaction, member, recoveryCodesRenewedMail);
      return standing;
    });
    if (found === 'over') return 'not-enrolled';
    this.log.info('recovery codes renewed', { user: member.userId });
    return 'renewed';
  }

  async markKept({ session }: MemberVisit): Promise<void> {
    await this.shown.forget(this.database, session);
  }
}
