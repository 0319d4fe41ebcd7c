/** The member's own switch for codes by SMS. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import { UserStore } from '../users/user.store.js';
import { smsSwitchedMail } from './mfa.mail.js';
import { SmsCodes } from './sms-codes.service.js';

export type SwitchOutcome = 'switched' | 'proof-needed' | 'not-allowed' | 'no-number';

@Injectable()
export class SmsSwitch {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Usable while the organization allows SMS and there is a number; a change asks for a fresh proof. */
  async switchSms(visit: MemberVisit, isOn: boolean): Promise<SwitchOutcome> {
    const { userId, organization } = visit.member;
    if (!organization.twoFactorRequired || !organization.smsAllowed) return 'not-allowed';
    const { phoneNumber, smsEnabled } = await this.users.findPhoneFacts(userId);
    if (phoneNumber === null) return 'no-number';
    if (smsEnabled === isOn) return 'switched';
    if (!this.sessions.hasFreshProof(visit)) return 'proof-needed';
    await this.change(visit, isOn);
    return 'switched';
  }

  private async change(visit: MemberVisit, isOn: boolean): Promise<void> {
    const { userId } = visit.member;
    const isChanged = await this.database.$transaction(async (transaction) => {
      await this.users.lockDetails(transaction, userId);
      if (!(await this.users.switchSms(transaction, visit, { isOn, at: this.clock.now() }))) return false;
      await this.smsCodes.endAllOf(transaction, userId);
      if (!isOn) await this.sessions.forgetOtherProofsBySms(transaction, visit);
      await this.mail.tell(transaction, visit.member, (about) => smsSwitchedMail({ ...about, isOn }));
      await this.audit.recordActOf(transaction, visit, { kind: 'sms-switched', details: { isOn } });
      return true;
    });
    if (isChanged) this.log.info('sms switched', { user: userId, isOn });
  }
}
