/** Chance, from the operating system's generator (OWASP ASVS 5.0, 11.5.1). */
import { randomBytes, randomUUID } from 'node:crypto';

/** A random value of `bits` bits (a multiple of 8) as base64url text. */
export function randomToken(bits: number): string {
  return randomBytes(bits / 8).toString('base64url');
}

/** A row's id, where it must be known before the row is written. Not a secret. */
export function randomId(): string {
  return randomUUID();
}
