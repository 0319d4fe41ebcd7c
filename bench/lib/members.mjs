/** Members of a Gatehouse who sign in again and again: with hashes of its own scheme, each in a browser that is known for them. */
import { randomBytes } from 'node:crypto';
import { totpSecret } from '../peers/people.mjs';
import { benchKey, withDatabase } from './gatehouse.mjs';
import { password } from './population.mjs';

/**
 * What an import does not bring. The server must not be running on an embedded database.
 * @param usernames who exist already
 * @param cost bcrypt's
 * @returns them in that order, as the process that asks takes them
 */
export async function readyMembers(environment, usernames, cost) {
  const { hashPassword } = await import('../../dist/users/password-hash.js');
  const { Keyring } = await import('../../dist/platform/keyring.js');
  const keyring = new Keyring([benchKey]);
  const { hash } = await hashPassword(password, cost);
  return withDatabase(environment, async (database) => {
    const users = await database.user.findMany({ where: { username: { in: usernames } }, select: { id: true, username: true } });
    if (users.length < usernames.length) throw new Error('members are missing');
    const ids = new Map(users.map(({ id, username }) => [username, id]));
    const browsers = usernames.map((username) => ({ id: ids.get(username), username, visitor: randomBytes(32).toString('base64url') }));
    const now = new Date();
    const devices = browsers.map(({ id, visitor }) => ({
      ...{ userId: id, deviceKey: keyring.mac('known-device', `${id} ${visitor}`) },
      ...{ firstSeenAt: now, lastSeenAt: now },
    }));
    await database.knownDevice.createMany({ data: devices });
    await database.$executeRaw`
      UPDATE users SET password_hash = ${hash}, password_scheme = 'HMAC_BCRYPT' WHERE username = ANY(${usernames}::text[])`;
    return browsers.map(({ username, visitor }) => ({
      ...{ username, totpSecret, cookies: { visitor: `${visitor}.${keyring.mac('visitor-cookie', visitor)}` } },
    }));
  });
}
