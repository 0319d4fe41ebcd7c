/** What a page says when no code was sent: why, when it will work again, and that the app works now. */
import type { FormRefusal } from '../platform/forms.js';
import { countryName } from '../platform/phone-number.js';
import { wait } from '../platform/wording.js';
import type { LimitName } from '../sms/domain/sms-limits.js';
import type { FailureCause } from '../sms/domain/vonage-status.js';
import type { SmsObstacle } from './domain/sms-offer.js';
import type { SmsCodePurpose } from './sms-code.store.js';
import type { SendOutcome } from './sms-codes.service.js';

export type NotSent = Exclude<SendOutcome, { outcome: 'sent' | 'sent-by-twin' }>;

/** @param purpose in a challenge the page says that the app works now */
export function notSent(outcome: NotSent, purpose: SmsCodePurpose): FormRefusal {
  const { status, message, seconds } = reasonOf(outcome);
  const wayOn = purpose === 'CHALLENGE' ? ' Your authenticator app works now.' : '';
  const errors = [{ field: '', message: `${message}${wayOn}` }];
  return { status, errors, ...(seconds !== undefined && { retryAfterSeconds: seconds }) };
}

type Reason = { readonly status: number; readonly message: string; readonly seconds?: number };

function reasonOf(outcome: NotSent): Reason {
  switch (outcome.outcome) {
    case 'not-possible':
      return { status: 403, message: obstacles[outcome.obstacle] };
    case 'number-refused':
      return { status: 403, message: 'The number in your profile takes no SMS.' };
    case 'country-refused':
      return { status: 403, message: `Your organization sends no codes to numbers of this country: ${countryName(outcome.country)}.` };
    case 'limited': {
      const { limit, seconds } = outcome;
      return { status: 429, message: `${limits[limit]} Codes can be sent again in ${wait(seconds)}.`, seconds };
    }
    case 'failed': {
      const { cause, seconds } = outcome;
      return { status: 503, message: failures[cause], ...(seconds !== undefined && { seconds }) };
    }
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
