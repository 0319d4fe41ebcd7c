import { Page } from '../platform/answer.js';
import { secondsUntil } from '../platform/clock.js';
import type { FormRefusal } from '../platform/forms.js';
import { wait } from '../platform/wording.js';
import type { MemberVisit } from '../sessions/visit.js';
import type { Standing } from './code-tries.store.js';
import type { AppEntry } from './domain/totp.js';
import { smsOffer } from './sms-offer.page.js';
import type { SmsStanding } from './sms-codes.service.js';

type Challenge = { readonly entry: AppEntry; readonly standing: Standing; readonly sms: SmsStanding | undefined; readonly now: Date };

export function challengePage({ member }: MemberVisit, { entry, standing, sms, now }: Challenge, refusal?: FormRefusal): Page {
  const model = {
    username: member.username,
    organizationName: member.organization.name,
    appEntry: { issuer: entry.issuer, account: entry.account },
    waiting: standing.state === 'waiting' ? { minutesText: wait(secondsUntil(standing.until, now)) } : undefined,
    closed: standing.state === 'closed',
    sms: sms && smsOffer(sms, now),
    errors: refusal?.errors,
  };
  return new Page('mfa/challenge', model, refusal?.status, refusal?.retryAfterSeconds);
}
