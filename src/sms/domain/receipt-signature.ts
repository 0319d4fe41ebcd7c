/** Vonage's signature of a delivery receipt: HMAC-SHA-256 over the sorted parameters, as its documentation describes. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { after, minutes } from '../../platform/clock.js';

export type SignedParameters = Readonly<Record<string, string>>;

/** How old, or how far ahead, a receipt's time may be. */
const receiptLifetime = minutes(5);

/** @returns in hexadecimal */
export function signatureOf(parameters: SignedParameters, secret: string): string {
  const text = Object.keys(parameters)
    .filter((name) => name !== 'sig')
    .sort()
    .map((name) => `&${name}=${(parameters[name] ?? '').replace(/[&=]/g, '_')}`)
    .join('');
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** Whether the parameters were signed with `secret`, and their `timestamp` (seconds since 1970) is of these minutes. */
export function isSigned(parameters: SignedParameters, secret: string, now: Date): boolean {
  const { sig = '', timestamp = '' } = parameters;
  const [expected, given] = [Buffer.from(signatureOf(parameters, secret)), Buffer.from(sig.toLowerCase())];
  return expected.length === given.length && timingSafeEqual(expected, given) && isRecent(timestamp, now);
}

function isRecent(timestamp: string, now: Date): boolean {
  if (!/^\d{10}$/.test(timestamp)) return false;
  const instant = new Date(Number(timestamp) * 1_000);
  return instant >= after(now, -receiptLifetime) && instant <= after(now, receiptLifetime);
}
