/** The peers, each a server of its own on a database of its own, with the same people. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { totpSecret } from '../peers/people.mjs';
import { startServer } from './processes.mjs';

export const peerNames = { bare: 'a bare Express handler', passport: 'Express with passport-local', 'better-auth': 'better-auth' };

/**
 * Makes the peer's tables and people.
 * @param people how many with an authenticator, and how many without
 * @returns `start()` and its members, as the process that asks takes them
 */
export async function preparePeer(name, { url, people, cost }) {
  const script = join(import.meta.dirname, '..', 'peers', `${name}.mjs`);
  const env = { NODE_ENV: 'production', PEER_DATABASE_URL: url, PEER_PEOPLE: String(people), PEER_BCRYPT_COST: String(cost) };
  const { status, stderr } = spawnSync(process.execPath, [script, 'seed'], { env: { ...process.env, ...env }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name}: ${stderr}`);
  const named = (prefix) => Array.from({ length: people }, (_, index) => ({ username: `${prefix}${index}`, totpSecret }));
  return {
    start: () => startServer({ given: [script], environment: () => env, ready: '/login' }),
    members: { coded: named('coded'), plain: named('plain') },
  };
}
