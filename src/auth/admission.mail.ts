import type { MailContent } from '../mail/mail.js';
import { dateAndTime } from '../platform/wording.js';

export type AdmissionLink = { readonly username: string; readonly at: Date; readonly address: string; readonly href: string };
export type Closed = { readonly username: string; readonly at: Date; readonly wrongPasswords: number; readonly door: string };

const protectedBy = 'They have not got in. A second factor keeps them out even with the right password: see Profile > Security.';

export function admissionMail({ username, at, address, href }: AdmissionLink): MailContent {
  return {
    subject: 'Sign in from another browser',
    paragraphs: [
      'Somebody asked for this link because too many wrong passwords were tried for your username. It takes passwords only from browsers in which you signed in before, and the link adds one.',
      'If it was you, open the link in the browser in which you want to sign in. It works once, for 30 minutes; after it, sign in with your password as ever.',
      `If it was not you: somebody is trying passwords on your account. ${protectedBy} You need do nothing, and should not use the link.`,
    ],
    facts: [
      { label: 'Username', value: username },
      { label: 'When', value: dateAndTime(at) },
      { label: 'Address', value: address },
    ],
    link: { href, text: 'Continue in this browser' },
  };
}

export function passwordClosedMail({ username, at, wrongPasswords, door }: Closed): MailContent {
  return {
    subject: 'Somebody is trying passwords on your account',
    paragraphs: [
      `${wrongPasswords} wrong passwords in a row were tried for your username. ${protectedBy}`,
      'From now on your username takes passwords only from browsers in which you signed in before. There you go on as ever. In another browser, the sign-in page offers a link by mail; an administrator of your organization can end this, too.',
      'A new password ends it as well: choose one if yours may be known or easy to guess.',
    ],
    facts: [
      { label: 'Username', value: username },
      { label: 'When', value: dateAndTime(at) },
    ],
    link: { href: `${door}/profile/security`, text: 'Look at your security settings' },
  };
}
