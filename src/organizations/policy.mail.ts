import type { MailContent } from '../mail/mail.js';
import { dateAndTime } from '../platform/wording.js';
import type { Member } from '../sessions/visit.js';

type Loosened = {
  readonly member: Member;
  readonly before: string;
  readonly after: string;
  /** undefined: it was not switched off, but put off to a later day. */
  readonly reason: string | undefined;
  readonly at: Date;
  /** PUBLIC_URL */
  readonly door: string;
};

/** To every owner: what protects their organization became weaker. */
export function policyLoosenedMail({ member, before, after, reason, at, door }: Loosened): MailContent {
  const { name, username, organization } = member;
  const isOff = reason !== undefined;
  return {
    subject: isOff ? 'Two-factor authentication was switched off' : 'Two-factor authentication was put off',
    paragraphs: [
      isOff
        ? `${name} switched two-factor authentication off for ${organization.name}. A password alone is enough again, except for members who chose two-factor for themselves.`
        : `${name} changed the day from which ${organization.name} asks its members for two-factor authentication to a later one.`,
      'If you did not expect this, look at the audit log, and switch it on again.',
    ],
    facts: [
      { label: 'By', value: username },
      { label: 'When', value: dateAndTime(at) },
      { label: 'Before', value: before },
      { label: 'Now', value: after },
      ...(isOff ? [{ label: 'Reason', value: reason }] : []),
    ],
    link: { href: `${door}/organization/configuration`, text: 'Open the configuration' },
  };
}
