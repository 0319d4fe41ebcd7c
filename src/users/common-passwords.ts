/** The passwords that are used most, from two lists that lie beside the code: nothing is asked over the network. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { z } from 'zod';
import { longCommonPasswordsFile } from '../platform/package-root.js';

let list: ReadonlySet<string> | undefined;

/** Read at the first use: it is large, and only setting a password needs it. */
export function commonPasswords(): ReadonlySet<string> {
  list ??= new Set([...packagedPasswords().map((word) => word.toLowerCase()), ...longCommonPasswords()]);
  return list;
}

/**
 * In small letters, the most used first. The package's list is one of all passwords and has 300 that are long enough to
 * be set here; OWASP ASVS 5.0, 6.2.4, asks for 3,000 of those.
 */
export function longCommonPasswords(): readonly string[] {
  return readFileSync(longCommonPasswordsFile, 'utf8').split('\n').filter(Boolean);
}

const commonLanguage = z.object({ dictionary: z.object({ 'passwords-common': z.array(z.string()) }) });

/** Loaded here and not with this module: it unpacks megabytes, for the few who set a password. */
function packagedPasswords(): readonly string[] {
  const packaged: unknown = createRequire(import.meta.url)('@zxcvbn-ts/language-common');
  return commonLanguage.parse(packaged).dictionary['passwords-common'];
}
