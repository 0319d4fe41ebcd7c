/** The session cookie's value: 256 bits that nobody can guess, of which only a hash is stored (OWASP ASVS 5.0, 7.2.3). */
import { hash } from 'node:crypto';
import type { Keyring } from '../platform/keyring.js';

/**
 * The first value of a session's cookie. Derived from the visitor's secret random id, which no table holds, and the
 * session's own: two equal posts of a double click on Sign in end with one value.
 */
export function firstToken(visitorId: string, sessionId: string, keyring: Keyring): string {
  return keyring.mac('session-first', `${visitorId} ${sessionId}`);
}

export function isSessionToken(value: string | undefined): value is string {
  return value !== undefined && /^[\w-]{43}$/.test(value);
}

export function hashOfToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** A session with the hash of the value that the request came with. */
export function currentOf({ id, token }: { readonly id: string; readonly token: string }) {
  return { id, tokenHash: hashOfToken(token) };
}

/**
 * The value that follows `token` when the stage changes. Derived, so that two equal posts of a double click end
 * with one value, whichever answer the browser keeps; without the key nobody derives it.
 */
export function successorOf(token: string, keyring: Keyring): string {
  return keyring.mac('session-successor', token);
}
