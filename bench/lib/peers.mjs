/** The peers, each a server of its own on a database of its own, with the same people. */
import { join } from 'node:path';
import { totpSecret } from '../peers/people.mjs';
import { run, startServer } from './processes.mjs';

const names = { bare: 'a bare Express handler', passport: 'Express with passport-local', 'better-auth': 'better-auth' };

/** As a row names it. @param on the size of database that Gatehouse stands on: a peer stands on PostgreSQL in any case */
export function peerNamed(name, on = 'PostgreSQL') {
  return on === 'PostgreSQL' ? names[name] : `${names[name]} on PostgreSQL`;
}

/**
 * The peer's tables and people, made once a run.
 * @param people how many with an authenticator, and how many without
 * @returns `start()`, and its members as the process that asks takes them
 */
export async function preparePeer(name, { peer, people, cost }) {
  const script = join(import.meta.dirname, '..', 'peers', `${name}.mjs`);
  const environmentOf = (url) => ({
    ...{ NODE_ENV: 'production', PEER_DATABASE_URL: url },
    ...{ PEER_PEOPLE: String(people), PEER_BCRYPT_COST: String(cost) },
  });
  const seed = (url) => run(process.execPath, [script, 'seed'], { env: { ...process.env, ...environmentOf(url) } });
  const url = await peer(name, seed);
  const named = (prefix) => Array.from({ length: people }, (_, index) => ({ username: `${prefix}${index}`, totpSecret }));
  return {
    start: () => startServer({ given: [script], environment: () => environmentOf(url), ready: '/login' }),
    members: { coded: named('coded'), plain: named('plain') },
  };
}
