/** The passwords that are used most, from a list that a package carries: nothing is asked over the network. */
import { dictionary } from '@zxcvbn-ts/language-common';

let list: ReadonlySet<string> | undefined;

/** Read at the first use: it is large, and only setting a password needs it. */
export function commonPasswords(): ReadonlySet<string> {
  list ??= new Set(dictionary['passwords-common'].map((word) => word.toLowerCase()));
  return list;
}
