/** The session cookie's value: 256 random bits, of which only a hash is stored (OWASP ASVS 5.0, 7.2.3). */
import { createHash } from 'node:crypto';
import type { Keyring } from '../platform/keyring.js';
import { randomToken } from '../platform/randomness.js';

const bits = 256;

export function newSessionToken(): string {
  return randomToken(bits);
}

export function isSessionToken(value: string | undefined): value is string {
  return value !== undefined && /^[\w-]{43}$/.test(value);
}

export function hashOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/**
 * The value that follows `token` when the stage changes. Derived, so that two equal posts of a double click end
 * with one value, whichever answer the browser keeps; without the key nobody derives it.
 */
export function successorOf(token: string, keyring: Keyring): string {
  return keyring.mac('session-successor', token);
}
