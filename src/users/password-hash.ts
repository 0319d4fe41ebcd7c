/**
 * Password hashes: bcrypt over a digest of the password, so that nothing is cut at bcrypt's 72 bytes
 * (OWASP ASVS 5.0, 6.2.9 and 11.4.2), and plain bcrypt as other platforms bring it.
 */
import { createHmac, randomInt } from 'node:crypto';
import bcrypt from 'bcrypt';

export type PasswordScheme = 'BCRYPT' | 'HMAC_BCRYPT';
export type StoredPassword = { readonly hash: string; readonly scheme: PasswordScheme };

const domainSeparation = 'gatehouse/password/v1';

/** @param cost bcrypt's logarithmic cost, 10 to 15 */
export async function hashPassword(password: string, cost: number): Promise<StoredPassword> {
  return { hash: await bcrypt.hash(prepare(password, 'HMAC_BCRYPT'), cost), scheme: 'HMAC_BCRYPT' };
}

export async function isPasswordOf({ hash, scheme }: StoredPassword, password: string): Promise<boolean> {
  // `$2y$` is PHP's name for what this library calls `$2b$`.
  return bcrypt.compare(prepare(password, scheme), hash.replace(/^\$2y\$/, '$2b$'));
}

export function costOf(hash: string): number {
  return Number(/^\$2[aby]\$(\d\d)\$/.exec(hash)?.[1] ?? 0);
}

/** Whether the hash is not what would be stored today, and is renewed at the next right password. */
export function isOutdated({ hash, scheme }: StoredPassword, cost: number): boolean {
  return scheme !== 'HMAC_BCRYPT' || costOf(hash) !== cost;
}

/**
 * The work that is missing after a comparison at `doneCost` to make it the work of one at `cost`:
 * costs doneCost, doneCost + 1 … cost - 1 add up to exactly the difference.
 */
export async function topUpWork(doneCost: number, cost: number): Promise<void> {
  for (let step = doneCost; step < cost; step += 1) await bcrypt.compare('', decoyHash(step));
}

/** The work of one comparison, for a user who does not exist. */
export async function decoyWork(password: string, cost: number): Promise<void> {
  await bcrypt.compare(prepare(password, 'HMAC_BCRYPT'), decoyHash(cost));
}

/** A well-formed hash that no password has been made for. */
function decoyHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234`;
}

/** A well-formed hash of no password, which costs a comparison what any other costs. */
export function unusableHash(cost: number): StoredPassword {
  const digest = Array.from({ length: 30 }, () => bcryptAlphabet.charAt(randomInt(64))).join('');
  // The last character of the salt and of the digest has fewer bits than the others.
  return { hash: `$2b$${String(cost).padStart(2, '0')}$${saltOfNone}${digest}u`, scheme: 'HMAC_BCRYPT' };
}

/** Whether it is a hash of no password. */
export function isUnusable(hash: string): boolean {
  return hash.slice('$2b$00$'.length).startsWith(saltOfNone);
}

/** By it a hash of no password is known again. It need not be a secret: the digest behind it is chance, and no password leads there. */
const saltOfNone = 'nobodyHasThisPasswordu';

const bcryptAlphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function prepare(password: string, scheme: PasswordScheme): string {
  if (scheme === 'BCRYPT') return password;
  return createHmac('sha384', domainSeparation).update(password.normalize('NFC')).digest('base64');
}
