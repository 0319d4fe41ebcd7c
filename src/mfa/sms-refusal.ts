/** What a page says when no code was sent: why, when it will work again, and that the app works now. */
import type { FormRefusal } from '../platform/forms.js';
import { countryName } from '../platform/phone-number.js';
import { wait } from '../platform/wording.js';
import type { LimitName } from '../sms/domain/sms-limits.js';
import type { FailureCause } from '../sms/domain/vonage-status.js';
import type { SmsObstacle } from './domain/sms-offer.js';
import type { SendOutcome } from './sms-codes.service.js';

export type NotSent = Exclude<SendOutcome, { outcome: 'sent' | 'sent-by-twin' }>;

export function notSent(outcome: NotSent): FormRefusal {
  switch (outcome.outcome) {
    case 'not-possible':
      return refusal(403, obstacles[outcome.obstacle]);
    case 'number-refused':
      return refusal(403, 'The number in your profile takes no SMS.');
    case 'country-refused':
      return refusal(403, `Your organization sends no codes to numbers of ${countryName(outcome.country)}.`);
    case 'limited':
      return refusal(429, `${limits[outcome.limit]} Codes can be sent again in ${wait(outcome.seconds)}.`, outcome.seconds);
    case 'failed':
      return refusal(503, failures[outcome.cause], outcome.seconds);
  }
}

const obstacles: Readonly<Record<SmsObstacle, string>> = {
  policy: 'Your organization does not allow codes by SMS.',
  'no-number': 'There is no mobile number in your profile.',
  'switched-off': 'You switched codes by SMS off in your profile.',
  'not-connected': 'No SMS can be sent from here.',
};

const tooManyNow = 'Too many codes are being sent at the moment.';
const limits: Readonly<Record<LimitName, string>> = {
  minute: 'A code was sent a moment ago.',
  number: 'Too many codes were sent to your number.',
  'user-hour': 'Too many codes were sent to you.',
  'user-day': 'Too many codes were sent to you.',
  address: 'Too many codes were asked for from your network.',
  prefix: tooManyNow,
  'organization-day': 'Your organization has had many codes sent today.',
  budget: 'Your organization has used up its messages by SMS for this month.',
  'installation-day': tooManyNow,
};

const failures: Readonly<Record<FailureCause, string>> = {
  ours: 'The code could not be sent: the SMS service does not work at the moment. The people who run it have been told in their log.',
  later: 'The code could not be sent: the SMS service does not answer as it should. Try again in a moment.',
  number: 'The code could not be sent: your number cannot be reached by SMS.',
};

function refusal(status: number, message: string, retryAfterSeconds?: number): FormRefusal {
  const errors = [{ field: '', message: `${message} Your authenticator app works now.` }];
  return { status, errors, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}
