/** The installation's secret keys: from SECRET_KEYS, or made once in the data directory. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from './data-directory-lock.js';
import { errorCode } from './error-code.js';
import { aboutDataDirectory, DataDirectoryError } from './one-line-errors.js';

export type SecretKey = { readonly id: string; readonly bytes: Buffer };

const keyBytes = 32;
const keyId = /^[\w-]{1,32}$/;

export function isKeyId(text: string): boolean {
  return keyId.test(text);
}

/**
 * Reads `id:base64(32 bytes)`, comma-separated. The first key encrypts, all decrypt.
 * @returns undefined when a key is malformed, too short, too long, or an id or key stands twice
 */
export function parseSecretKeys(text: string): readonly SecretKey[] | undefined {
  const keys = text.split(',').map((part) => /^\s*([\w-]{1,32}):([A-Za-z0-9+/]{43}=)\s*$/.exec(part));
  const parsed = keys.flatMap((match) => (match?.[1] && match[2] ? [{ id: match[1], bytes: Buffer.from(match[2], 'base64') }] : []));
  if (parsed.length !== keys.length) return undefined;
  const distinct = new Set(parsed.flatMap(({ id, bytes }) => [`id ${id}`, `key ${bytes.toString('base64')}`]));
  return distinct.size === 2 * parsed.length ? parsed : undefined;
}

export function hasDevelopmentKeys(dataDirectory: string): boolean {
  return existsSync(fileIn(dataDirectory));
}

/** One that nothing was ever stored under. */
export function newKey(): SecretKey {
  return { id: 'dev', bytes: randomBytes(keyBytes) };
}

/**
 * The development key of a data directory, made at its first use and readable by its owner alone.
 * Two processes that make it at once end with the same one.
 * @throws DataDirectoryError when it cannot be made or read, or is damaged: another key would lock everybody out
 */
export function developmentKeys(dataDirectory: string): readonly SecretKey[] {
  const file = fileIn(dataDirectory);
  const keys = parseSecretKeys(readOrMake(dataDirectory, file));
  if (keys) return keys;
  throw new DataDirectoryError(
    `a directory whose secret-keys file holds a key, and ${file} does not: restore it from a backup, or set SECRET_KEYS`,
  );
}

function fileIn(dataDirectory: string): string {
  return join(dataDirectory, 'secret-keys');
}

function readOrMake(dataDirectory: string, file: string): string {
  try {
    makeDirectory(dataDirectory);
    makeKey(file);
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw aboutDataDirectory(dataDirectory, error);
  }
}

function makeKey(file: string): void {
  const { id, bytes } = newKey();
  try {
    writeFileSync(file, `${id}:${bytes.toString('base64')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}
