import type { MailContent } from '../mail/mail.js';
import { aboutAccount, type AccountChange } from '../users/account-change.mail.js';

export function authenticatorAddedMail(about: AccountChange): MailContent {
  return aboutAccount(about, {
    subject: 'An authenticator app was added to your account',
    what: 'An authenticator app was set up. Its codes are asked for when you sign in.',
  });
}

export function authenticatorReplacedMail(about: AccountChange): MailContent {
  return aboutAccount(about, {
    subject: 'Your authenticator app was replaced',
    what: 'Another authenticator app took the place of the one before it, whose codes do not work any more.',
  });
}

export function smsSwitchedMail(about: AccountChange & { readonly isOn: boolean }): MailContent {
  return aboutAccount(about, {
    subject: about.isOn ? 'Codes by SMS were switched on' : 'Codes by SMS were switched off',
    what: about.isOn
      ? 'You can have a code sent to your mobile number when you sign in.'
      : 'No codes go to your mobile number any more. Your authenticator app works as ever.',
  });
}

export function secondFactorClosedMail(about: AccountChange): MailContent {
  return aboutAccount(about, {
    subject: 'Your second factor is closed',
    what: 'There were twenty wrong codes in a row after the right password, so no code is taken any more. One of your recovery codes, an administrator of your organization, or the people who run this Gatehouse open it again. If it was not you, somebody knows your password: tell an administrator of your organization at once.',
  });
}
