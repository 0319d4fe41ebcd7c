/** Profile > Details. */
import { z } from 'zod';
import { nameText, repeated, text } from '../platform/forms.js';
import { type CountryCode, countryName, exampleNumber, readNumber, shownNumber } from '../platform/phone-number.js';
import { isReadableKey } from '../platform/visible-text.js';
import type { Details } from './user.store.js';

/** One address, no line breaks and nothing that a mail header would read as more (OWASP ASVS 5.0, 1.3.11). */
export function emailAddress({ optional }: { optional: boolean }) {
  const message = 'Enter an e-mail address such as name@example.com.';
  return text('an e-mail address', { max: 254, optional }).refine((value) => (optional && value === '') || isEmailAddress(value), message);
}

export function isEmailAddress(value: string): boolean {
  return value.length <= 254 && /^[^\s@,;<>"]{1,64}@[^\s@,;<>"]+\.[^\s@,;<>"]+$/.test(value) && isReadableKey(value);
}

/**
 * A number that can receive SMS, in any common notation; empty for none. A field that is not sent leaves the number as it is,
 * and so does one that still holds what the page showed, whatever another platform brought.
 */
function mobileNumber(country: CountryCode, stored: string | null) {
  return z
    .string({ error: repeated })
    .max(50, 'Use at most 50 characters.')
    .transform((typed, context) => {
      if (typed.trim() === '') return null;
      if (stored !== null && typed.trim() === shownNumber(stored, country)) return stored;
      const read = readNumber(typed, country);
      if (read.kind === 'mobile') return read.number;
      context.addIssue(read.kind === 'impossible' ? impossibleNumber(country) : noMobile);
      return z.NEVER;
    })
    .optional()
    .transform((number) => (number === undefined ? stored : number));
}

function impossibleNumber(country: CountryCode): string {
  return `Enter a mobile number that exists: with + and the country code, such as ${exampleNumber(country)}, or as it is dialled at home (${countryName(country)}).`;
}

const noMobile = 'This number takes no SMS. Enter a mobile number.';

/** Empty for none. A field that is not sent leaves the address as it is: it is where the member is told of changes. */
function ownAddress(stored: string | null) {
  const typed = emailAddress({ optional: true }).transform((value) => (value === '' ? null : value));
  return z.preprocess((value) => (value === undefined ? (stored ?? '') : value), typed);
}

export type Before = {
  /** whose a number is that is written without one */
  readonly country: CountryCode;
  /** what the member's profile holds now */
  readonly stored: Pick<Details, 'email' | 'phoneNumber'>;
};

export function detailsForm({ country, stored }: Before) {
  return z.object({
    name: nameText('your name', { max: 100 }),
    email: ownAddress(stored.email),
    phoneNumber: mobileNumber(country, stored.phoneNumber),
  });
}
