/** Sends a code where one would be taken: not while the second factor waits or is closed. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Clock, secondsUntil } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import type { FormRefusal } from '../platform/forms.js';
import type { MemberVisit } from '../sessions/visit.js';
import { CodeCharge } from './code-charge.service.js';
import { refusalOf } from './code-refusal.js';
import type { SmsCodePurpose } from './sms-code.store.js';
import { SmsCodes } from './sms-codes.service.js';
import { notSent } from './sms-refusal.js';

@Injectable()
export class SmsCodeSending {
  constructor(
    @Inject(CodeCharge) private readonly charges: CodeCharge,
    @Inject(Database) private readonly database: Database,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @returns undefined when the code is on its way, else what the page says */
  async sendCode(visit: MemberVisit, purpose: SmsCodePurpose, address: string): Promise<FormRefusal | undefined> {
    const standing = await this.charges.standingOf(visit.member.userId);
    if (standing.state === 'closed') return refusalOf({ outcome: 'closed' });
    if (standing.state === 'waiting') return refusalOf({ outcome: 'waiting', seconds: secondsUntil(standing.until, this.clock.now()) });
    const result = await this.smsCodes.send(visit, purpose, address);
    if (result.outcome === 'sent')
      await this.audit.recordActOf(this.database, visit, { kind: 'code-sent', details: { for: purpose.toLowerCase() } });
    return result.outcome === 'sent' || result.outcome === 'sent-by-twin' ? undefined : notSent(result, purpose);
  }
}
