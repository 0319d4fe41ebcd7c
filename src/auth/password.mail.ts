import type { MailContent } from '../mail/mail.js';
import { dateAndTime } from '../platform/wording.js';
import { aboutAccount, type AccountChange } from '../users/account-change.mail.js';

/** Why a link is sent: somebody said that they forgot the password, from an address; or the member's two-factor was reset. */
export type ResetReason = { readonly kind: 'forgotten'; readonly address: string } | { readonly kind: 'two-factor-reset' };
type ResetLink = { readonly username: string; readonly at: Date; readonly href: string; readonly why: ResetReason };

export function resetLinkMail({ username, at, href, why }: ResetLink): MailContent {
  const facts = [
    { label: 'Username', value: username },
    { label: 'When', value: dateAndTime(at) },
  ];
  const link = { href, text: 'Choose a new password' };
  const works = 'The link works once, for 30 minutes. When it is over, "Forgot your password?" on the sign-in page sends another one.';
  if (why.kind === 'two-factor-reset') {
    const what = 'Your two-factor authentication was reset, and your password with it. Choose a new password before you sign in again.';
    return { subject: 'Choose a new password', paragraphs: [what, works], facts, link };
  }
  const what = 'Somebody asked for a new password for your account.';
  const otherwise = 'If it was not you, there is nothing to do: your password stays as it is as long as nobody uses the link.';
  return {
    subject: 'Choose a new password',
    paragraphs: [what, works, otherwise],
    facts: [...facts, { label: 'Address', value: why.address }],
    link,
  };
}

export function passwordChangedMail(about: AccountChange): MailContent {
  return aboutAccount(about, {
    subject: 'Your password was changed',
    what: 'Your password was changed, and every other session of yours was ended.',
  });
}
