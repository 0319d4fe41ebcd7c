/** Recovery codes: 130 bits in base32, so that a fast hash is enough (OWASP ASVS 5.0, 6.5.2). */
import { createHash } from 'node:crypto';

export const codesPerSet = 10;
/** With fewer left than this, the member is told to make new ones. */
export const fewCodes = 4;
export const codeLength = 26;

/** Wrong codes in a row after which the next must wait; nobody guesses 130 bits, but nobody shall try without end either. */
export const wrongUntilWait = 10;

/** The code that was typed; undefined when it cannot be one. What base32 does not have is read as what it looks like. */
export function readRecoveryCode(typed: string): string | undefined {
  const code = typed
    .replace(/[\s-]/g, '')
    .toUpperCase()
    .replace(/[018]/g, (sign) => ({ '0': 'O', '1': 'I', '8': 'B' })[sign] ?? sign);
  return /^[A-Z2-7]{26}$/.test(code) ? code : undefined;
}

/** As a person reads and types it: five groups. */
export function groupedRecoveryCode(code: string): string {
  return code.replace(/^(.{5})(.{5})(.{6})(.{5})(.{5})$/, '$1-$2-$3-$4-$5');
}

/** @param code as `readRecoveryCode` gives it */
export function hashOfRecoveryCode(code: string): string {
  return createHash('sha256').update(code).digest('base64url');
}
