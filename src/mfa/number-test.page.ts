import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import type { SmsStanding } from './sms-codes.service.js';
import { smsOffer } from './sms-offer.page.js';

export function numberTestPage(standing: SmsStanding, now: Date, refusal?: FormRefusal): Page {
  const model = { sms: smsOffer(standing, now), errors: refusal?.errors };
  return new Page('mfa/number-test', model, refusal?.status, refusal?.retryAfterSeconds);
}
