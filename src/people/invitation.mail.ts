import type { MailContent } from '../mail/mail.js';
import { dateAndTime } from '../platform/wording.js';

export type InvitationMail = {
  readonly inviter: string;
  readonly organizationName: string;
  readonly expiresAt: Date;
  readonly href: string;
};

export function invitationMail({ inviter, organizationName, expiresAt, href }: InvitationMail): MailContent {
  return {
    subject: `You are invited to ${organizationName}`,
    paragraphs: [
      `${inviter} invites you to join ${organizationName}. With the link below you choose your username and your own password, and sign in with them.`,
      'The link works once. If it is over, ask for another one. If you do not know who invites you, there is nothing to do.',
    ],
    facts: [
      { label: 'Organization', value: organizationName },
      { label: 'Invited by', value: inviter },
      { label: 'Until', value: dateAndTime(expiresAt) },
    ],
    link: { href, text: 'Accept the invitation' },
  };
}
