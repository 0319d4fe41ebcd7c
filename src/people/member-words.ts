/** How a member's sign-in stands, in the words that page and export share. */
import { smsObstacle } from '../mfa/domain/sms-offer.js';
import { countryName, smsNumberOf } from '../platform/phone-number.js';
import type { Member } from '../sessions/visit.js';
import type { ListedMember } from './member-list.store.js';

export type SmsFrame = {
  readonly isConnected: boolean;
  /** ISO 3166-1: where codes may go. */
  readonly countries: readonly string[];
};

const obstacles = {
  policy: 'Not allowed by the policy',
  'no-number': 'No number',
  'switched-off': 'Switched off by the member',
  'not-connected': 'No provider is connected',
} as const;

/** `Ready`, or why codes by SMS do not come. */
export function smsWords(
  { phoneNumber, smsEnabled }: ListedMember,
  organization: Member['organization'],
  { isConnected, countries }: SmsFrame,
): string {
  const { twoFactorRequired, smsAllowed } = organization;
  const obstacle = smsObstacle({ twoFactorRequired, smsAllowed, phoneNumber, smsEnabled, isConnected });
  if (obstacle) return obstacles[obstacle];
  const number = phoneNumber === null ? undefined : smsNumberOf(phoneNumber);
  if (!number) return 'The number takes no SMS';
  return countries.includes(number.country) ? 'Ready' : `No SMS to ${countryName(number.country)}`;
}
