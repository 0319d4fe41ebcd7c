/** Complete sign-ins a second, each in a browser that is known, against bcrypt alone and against the peers. */
import { join } from 'node:path';
import { openContenders } from './lib/contenders.mjs';
import { onEachDatabase } from './lib/databases.mjs';
import { Load } from './lib/load.mjs';
import { peerNamed } from './lib/peers.mjs';
import { inTurns, ratioOf } from './lib/rounds.mjs';

const lanesOf = ({ isSmoke }) => (isSmoke ? [1, 8] : [1, 8, 32]);
/** What is counted: every request that a browser must make, and no page behind the door. */
const kinds = {
  plain: { withCode: false, what: 'Sign-in by password', goal: 'at least 0.95' },
  coded: { withCode: true, what: 'Sign-in by password and code', goal: 'at least 0.93' },
};
const hashes = join(import.meta.dirname, 'peers', 'hashes.mjs');

export async function* measure(settings) {
  const raw = new Load(hashes);
  try {
    yield* onEachDatabase(settings, async function* measureOn(around) {
      const opened = await openContenders(around, settings);
      const { bare, ...contenders } = opened.contenders;
      const { load } = opened;
      for (const kind of Object.keys(kinds))
        for (const lanes of lanesOf(settings)) yield* measureKind(kind, lanes, { on: around.name, contenders, load, raw, settings });
    });
  } finally {
    await raw.close();
  }
}

async function* measureKind(kind, lanes, { on, contenders, load, raw, settings }) {
  const { withCode, what, goal } = kinds[kind];
  const { cost, rounds } = settings;
  const length = { lanes, seconds: settings.seconds.signIns, warmUp: settings.seconds.warmUp };
  const bcrypt = async () => (await raw.ask('compare', { cost, ...length })).perSecond;
  const measures = Object.entries(contenders).map(([name, { port, flow }]) => [
    name,
    async () => (await load.ask('signIns', { port, flow, pool: `${name} ${kind}`, withCode, ...length })).perSecond,
  ]);
  const { gatehouse, ...others } = await inTurns({ bcrypt, ...Object.fromEntries(measures) }, rounds);
  for (const [name, figures] of Object.entries(others)) {
    const against = name === 'bcrypt' ? `bcrypt alone, cost ${cost}` : peerNamed(name, on);
    const row = { what: `${what}, ${lanes} at a time, against ${against}`, unit: '/s', ...ratioOf(gatehouse, figures) };
    yield { ...row, goal: name === 'bcrypt' ? settings.goal(goal) : undefined };
  }
}
