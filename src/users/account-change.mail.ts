/** What every mail about a change of one's own account says: what, when, and what to do if it was somebody else. */
import type { MailContent } from '../mail/mail.js';
import { dateAndTime } from '../platform/wording.js';

export type AccountChange = {
  readonly username: string;
  readonly at: Date;
  /** PUBLIC_URL */
  readonly door: string;
};

export function aboutAccount({ username, at, door }: AccountChange, { subject, what }: { subject: string; what: string }): MailContent {
  return {
    subject,
    paragraphs: [
      what,
      'If this was you, there is nothing to do. If it was not, tell an administrator of your organization at once: somebody else may be using your account.',
    ],
    facts: [
      { label: 'Username', value: username },
      { label: 'When', value: dateAndTime(at) },
    ],
    link: { href: `${door}/profile/security`, text: 'Look at your security settings' },
  };
}
