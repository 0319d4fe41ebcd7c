/** Time-based one-time passwords: RFC 6238 over RFC 4226, as authenticator apps know them: SHA-1, six digits, 30 seconds. */
import { Secret, TOTP } from 'otpauth';

const periodSeconds = 30;
/** RFC 4226, requirement R6: 160 bits recommended. */
const secretBytes = 20;
/** RFC 6238, 5.2: the current step and one to each side. */
const window = 1;

/** @returns a new 160-bit secret in base32 */
export function newSecret(): string {
  return new Secret({ size: secretBytes }).base32;
}

/** Whether `text` is a base32 secret of at least 80 bits, as older apps and platforms made them. */
export function isSecret(text: string): boolean {
  return /^[A-Z2-7]{16,128}$/.test(text);
}

/** The secret as it is stored, from how other platforms write it: in groups, in small letters, with padding; undefined when it is none. */
export function readSecret(text: string): string | undefined {
  const secret = text.replace(/\s/g, '').replace(/=+$/, '').toUpperCase();
  return isSecret(secret) ? secret : undefined;
}

/**
 * Finds the time step that a code belongs to.
 * @param secret base32
 * @param code six digits
 * @returns the RFC 6238 step (seconds since 1970 divided by 30), or undefined when the code is of none in the window
 */
export function matchedStep(secret: string, code: string, now: Date): number | undefined {
  const timestamp = now.getTime();
  const delta = TOTP.validate({
    token: code,
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: periodSeconds,
    timestamp,
    window,
  });
  return delta === null ? undefined : TOTP.counter({ period: periodSeconds, timestamp }) + delta;
}

export type AppEntry = { readonly issuer: string; readonly account: string };

/** How the entry reads in the app: product, organization, username, so that two organizations do not look alike. */
export function appEntry(issuer: string, organizationName: string, username: string): AppEntry {
  return { issuer, account: `${organizationName} - ${username}` };
}

/** The `otpauth://` address of the key-URI format, with issuer and account percent-encoded, a colon too. */
export function keyUri({ issuer, account }: AppEntry, secret: string): string {
  return new TOTP({
    issuer,
    label: account,
    secret: Secret.fromBase32(secret),
    algorithm: 'SHA1',
    digits: 6,
    period: periodSeconds,
  }).toString();
}

/** The secret as a person types it: groups of four. */
export function groupedKey(secret: string): string {
  return secret.replace(/(.{4})(?=.)/g, '$1 ');
}
