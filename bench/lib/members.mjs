/** Members of a Gatehouse who sign in again and again: with hashes of its own scheme, each in a browser that is known for them. */
import { createHash, randomBytes } from 'node:crypto';
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

/** One statement must not take long. */
const sessionsAtOnce = 10_000;
const hashOf = (text) => `rtrim(translate(encode(sha256(convert_to(${text}, 'UTF8')), 'base64'), '+/', '-_'), '=')`;
/** Seen in a day's time: a visit is written down five minutes after the last one, and one population is older than the other. */
const openSome = `
  WITH members AS (SELECT id, username FROM users WHERE id > $1::uuid ORDER BY id LIMIT ${sessionsAtOnce}),
    opened AS (
      INSERT INTO sessions (id, user_id, token_hash, password_at, expires_at, second_factor_at, second_factor_method, last_seen_at)
      SELECT gen_random_uuid(), id, ${hashOf(hashOf('username'))}, now(), now() + interval '1 day', now(), 'TOTP', now() + interval '1 day'
      FROM members)
  SELECT max(id::text) AS last FROM members`;

/**
 * A session for everybody, opened now with both factors. The server must not be running on an embedded database.
 * @returns from a username to the cookie
 */
export async function openSessions(environment) {
  await withDatabase(environment, async (database) => {
    let last = '00000000-0000-0000-0000-000000000000';
    while (last !== null) [{ last }] = await database.$queryRawUnsafe(openSome, last);
  });
  return (username) => `gatehouse=${createHash('sha256').update(username).digest('base64url')}`;
}
