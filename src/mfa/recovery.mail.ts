import type { MailContent } from '../mail/mail.js';
import { aboutAccount, type AccountChange } from '../users/account-change.mail.js';

export function recoveryCodesRenewedMail(about: AccountChange): MailContent {
  return aboutAccount(about, {
    subject: 'Your recovery codes were renewed',
    what: 'New recovery codes were made. Those from before do not work any more.',
  });
}

export function recoveryCodeUsedMail({ left, ...about }: AccountChange & { readonly left: number }): MailContent {
  return aboutAccount(about, {
    subject: 'A recovery code was used to sign in to your account',
    what: `One of your recovery codes took the place of a code from your authenticator app. ${left === 0 ? 'None is left' : `${left} of them are left`}. If you lost your phone, set up the app on another one and make new recovery codes under Profile > Security.`,
  });
}
