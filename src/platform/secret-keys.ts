/** The installation's secret keys: from SECRET_KEYS, or made once in the data directory. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from './error-code.js';

export type SecretKey = { readonly id: string; readonly bytes: Buffer };

const keyBytes = 32;

/**
 * Reads `id:base64(32 bytes)`, comma-separated. The first key encrypts, all decrypt.
 * @returns undefined when a key is malformed, too short, too long, or an id or key stands twice
 */
export function parseSecretKeys(text: string): readonly SecretKey[] | undefined {
  const keys = text.split(',').map((part) => /^\s*([\w-]{1,32}):([A-Za-z0-9+/]{43}=)\s*$/.exec(part));
  const parsed = keys.flatMap((match) => (match?.[1] && match[2] ? [{ id: match[1], bytes: Buffer.from(match[2], 'base64') }] : []));
  if (parsed.length !== keys.length || parsed.some(({ bytes }) => bytes.length !== keyBytes)) return undefined;
  const distinct = new Set(parsed.flatMap(({ id, bytes }) => [`id ${id}`, `key ${bytes.toString('base64')}`]));
  return distinct.size === 2 * parsed.length ? parsed : undefined;
}

/**
 * The development key of a data directory, made at its first use and readable by its owner alone.
 * Two processes that make it at once end with the same one.
 */
export function developmentKeys(dataDirectory: string): readonly SecretKey[] {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const file = join(dataDirectory, 'secret-keys');
  try {
    writeFileSync(file, `dev:${randomBytes(keyBytes).toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const keys = parseSecretKeys(readFileSync(file, 'utf8').trim());
  if (!keys) throw new Error(`${file} does not hold a key: restore it from a backup, or set SECRET_KEYS`);
  return keys;
}
