/** A policy in words, the same on the page, on record and in mails. */
import { dayOf } from '../platform/wording.js';
import type { TwoFactorPolicy } from './two-factor.policy.js';

/** Such as `required, with codes by SMS, from 1 December 2026`. */
export function policyInWords({ twoFactorRequired, smsAllowed, twoFactorFrom }: TwoFactorPolicy): string {
  if (!twoFactorRequired) return 'off';
  const sms = smsAllowed ? 'with codes by SMS' : 'without codes by SMS';
  return twoFactorFrom ? `required, ${sms}, from ${dayOf(twoFactorFrom)}` : `required, ${sms}`;
}
