/** The passwords that are used most, from two lists that lie beside the code: nothing is asked over the network. */
import { readFileSync } from 'node:fs';
import { dictionary } from '@zxcvbn-ts/language-common';
import { longCommonPasswordsFile } from '../platform/package-root.js';

let list: ReadonlySet<string> | undefined;

/** Read at the first use: it is large, and only setting a password needs it. */
export function commonPasswords(): ReadonlySet<string> {
  list ??= new Set([...dictionary['passwords-common'].map((word) => word.toLowerCase()), ...longCommonPasswords()]);
  return list;
}

/**
 * In small letters, the most used first. The package's list is one of all passwords and has 300 that are long enough to
 * be set here; OWASP ASVS 5.0, 6.2.4, asks for 3,000 of those.
 */
export function longCommonPasswords(): readonly string[] {
  return readFileSync(longCommonPasswordsFile, 'utf8').split('\n').filter(Boolean);
}
