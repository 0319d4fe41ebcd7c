/** Usernames: unique in the whole installation and compared without case, through a stored key. */

/** What a username is compared by: NFKC and lower case, without spaces at its ends. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').trim().toLowerCase().normalize('NFKC');
}
