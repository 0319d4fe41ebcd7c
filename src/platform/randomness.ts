/** Chance, from the operating system's generator (OWASP ASVS 5.0, 11.5.1). */
import { randomBytes } from 'node:crypto';

/** A random value of `bits` bits (a multiple of 8) as base64url text. */
export function randomToken(bits: number): string {
  return randomBytes(bits / 8).toString('base64url');
}
