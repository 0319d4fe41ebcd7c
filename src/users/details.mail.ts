import type { MailContent } from '../mail/mail.js';
import { dateAndTime, maskedNumber } from '../platform/wording.js';
import { aboutAccount, type AccountChange } from './account-change.mail.js';

export function numberChangedMail({ number, ...about }: AccountChange & { readonly number: string | null }): MailContent {
  const subject = number === null ? 'Your mobile number was removed' : 'Your mobile number was changed';
  const what =
    number === null
      ? 'The mobile number was taken out of your profile. No codes go to it any more.'
      : `The mobile number in your profile is now the ${maskedNumber(number)}. Where your organization allows it, codes can go to it by SMS.`;
  return aboutAccount(about, { subject, what });
}

export function emailChangedMail(about: AccountChange): MailContent {
  return aboutAccount(about, {
    subject: 'Your e-mail address was changed',
    what: `Mail about your account goes to another address since ${dateAndTime(about.at)}, and no more to this one.`,
  });
}
