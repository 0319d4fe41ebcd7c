import type { MailContent } from '../mail/mail.js';
import { dateAndTime, daysLeft } from '../platform/wording.js';

type Reminder = {
  readonly username: string;
  readonly organizationName: string;
  readonly deadline: Date;
  readonly secondsLeft: number;
  /** PUBLIC_URL */
  readonly door: string;
};

export function reminderMail({ username, organizationName, deadline, secondsLeft, door }: Reminder): MailContent {
  const left = daysLeft(secondsLeft);
  return {
    subject: `${left} left to set up your authenticator app`,
    paragraphs: [
      `From ${dateAndTime(deadline)} on, ${organizationName} asks for a code from an authenticator app when you sign in.`,
      'Set it up before then: it takes two minutes, and nothing holds you up at the door on that day.',
    ],
    facts: [{ label: 'Username', value: username }],
    link: { href: `${door}/profile/authenticator`, text: 'Set up the authenticator app' },
    isBulk: true,
  };
}
