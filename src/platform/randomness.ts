/** Chance, from the operating system's generator (OWASP ASVS 5.0, 11.5.1). */
import { randomBytes, randomInt } from 'node:crypto';
import { v7 } from 'uuid';

/** A random value of `bits` bits (a multiple of 8) as base64url text. */
export function randomToken(bits: number): string {
  return randomBytes(bits / 8).toString('base64url');
}

/**
 * A row's id, where it must be known before the row is written: in the order of time (RFC 9562, version 7), so that new rows are
 * neighbours in the index. Not a secret.
 */
export function randomId(): string {
  return v7();
}

/** Six digits, each code as likely as the next, `000000` too (OWASP ASVS 5.0, 6.5.4). */
export function randomCode(): string {
  return String(randomInt(1_000_000)).padStart(6, '0');
}

/** A whole number from 0 on, below `limit`. */
export function randomBelow(limit: number): number {
  return randomInt(limit);
}

/** `length` characters of base32 (RFC 4648), five bits each. */
export function randomBase32(length: number): string {
  return Array.from({ length }, () => base32.charAt(randomInt(32))).join('');
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
