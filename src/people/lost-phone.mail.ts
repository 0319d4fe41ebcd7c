import type { MailContent } from '../mail/mail.js';
import { dateAndTime } from '../platform/wording.js';
import { aboutAccount, type AccountChange } from '../users/account-change.mail.js';

export type Report = {
  readonly username: string;
  readonly name: string;
  readonly note: string;
  readonly address: string;
  readonly at: Date;
  readonly lastSignInAt: Date | null;
  /** PUBLIC_URL */
  readonly door: string;
};

export function lostPhoneReportedMail({ username, name, note, address, at, lastSignInAt, door }: Report): MailContent {
  return {
    subject: 'A member lost their phone and asks for help',
    paragraphs: [
      `${name} gave the right password, and says that their phone is lost. Make sure that it is them, by another way than this mail, before you reset their two-factor authentication.`,
    ],
    facts: [
      { label: 'Username', value: username },
      { label: 'When', value: dateAndTime(at) },
      { label: 'From', value: address },
      { label: 'Last sign-in', value: lastSignInAt ? dateAndTime(lastSignInAt) : 'never' },
      ...(note === '' ? [] : [{ label: 'Note', value: note }]),
    ],
    link: { href: `${door}/organization/people`, text: 'Decide under Organization > People' },
  };
}

export function lostPhoneAskedMail({
  withdrawal,
  address,
  ...about
}: AccountChange & { withdrawal: string; address: string }): MailContent {
  const content = aboutAccount(about, { subject: 'Your phone was reported as lost', what: '' });
  return {
    ...content,
    paragraphs: [
      'Somebody who knows your password said that your phone is lost, and asked the administrators of your organization to reset your two-factor authentication.',
      'If this was not you, withdraw the request with the link below, and choose a new password: somebody else knows yours.',
    ],
    facts: [...(content.facts ?? []), { label: 'From', value: address }],
    link: { href: withdrawal, text: 'Withdraw the request' },
  };
}

export function lostPhoneRefusedMail({ by, ...about }: AccountChange & { readonly by: string }): MailContent {
  return aboutAccount(about, {
    subject: 'Your two-factor authentication was not reset',
    what: `${by} refused to reset your two-factor authentication. Ask them why, if you did lose your phone.`,
  });
}
