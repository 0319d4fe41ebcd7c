/** Profile > Details. */
import { z } from 'zod';
import { text } from '../platform/forms.js';

/** One address, no line breaks and nothing that a mail header would read as more (OWASP ASVS 5.0, 1.3.11). */
export function emailAddress({ optional }: { optional: boolean }) {
  const message = 'Enter an e-mail address such as name@example.com.';
  return text('an e-mail address', { max: 254, optional }).refine((value) => (optional && value === '') || isEmailAddress(value), message);
}

export function isEmailAddress(value: string): boolean {
  return value.length <= 254 && /^[^\s@,;<>"]{1,64}@[^\s@,;<>"]+\.[^\s@,;<>"]+$/.test(value) && !/\p{Cc}|\p{Cs}/u.test(value);
}

export const detailsForm = z.object({
  name: text('your name', { max: 100 }),
  email: emailAddress({ optional: true }).transform((value) => (value === '' ? null : value)),
});

export const detailsKept = ['name', 'email'];
