/** Gathers what the challenge page shows: how the second factor and the codes by SMS stand for the member. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import type { FormRefusal } from '../platform/forms.js';
import type { Page } from '../platform/answer.js';
import { Settings } from '../platform/settings.js';
import type { MemberVisit } from '../sessions/visit.js';
import { challengePage } from './challenge.page.js';
import { CodeCharge } from './code-charge.service.js';
import { appEntry } from './domain/totp.js';
import { SmsCodes } from './sms-codes.service.js';

@Injectable()
export class ChallengePages {
  constructor(
    @Inject(CodeCharge) private readonly charges: CodeCharge,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  async show(visit: MemberVisit, refusal?: FormRefusal): Promise<Page> {
    const { userId, username, organization } = visit.member;
    const entry = appEntry(this.settings.config.TOTP_ISSUER, organization.name, username);
    const [standing, sms] = await Promise.all([this.charges.standingOf(userId), this.smsCodes.standingInChallenge(visit)]);
    return challengePage(visit, { entry, standing, sms, now: this.clock.now() }, refusal);
  }
}
