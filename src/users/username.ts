/** Usernames: unique in the whole installation and compared without case, through a stored key. */

import { text, unseen } from '../platform/forms.js';
import { isReadableKey } from '../platform/visible-text.js';

/** What a username is compared by: NFKC and lower case, without spaces at its ends. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}

/** One that stands in an address as it is: `.` and `..` are taken out of it by every browser (RFC 3986, 5.2.4). */
export function isAddressable(username: string): boolean {
  return !/^\.{1,2}$/.test(usernameKey(username));
}

/** The field in which somebody chooses a username. */
export function chosenUsername() {
  return text('a username', { max: 254 }).refine(isReadableKey, unseen).refine(isAddressable, 'Choose a username of more than dots.');
}
