/** Complete sign-ins a second, each in a browser that is known, against bcrypt alone and against the peers. */
import { join } from 'node:path';
import { withContenders } from './lib/contenders.mjs';
import { onEachDatabase } from './lib/databases.mjs';
import { Load } from './lib/load.mjs';
import { peerNames } from './lib/peers.mjs';
import { inTurns, ratioOf } from './lib/rounds.mjs';

const lanes = [1, 8, 32];
/** What is counted: every request that a browser must make, and no page behind the door. */
const kinds = {
  plain: { withCode: false, what: 'Sign-in by password (the form’s page and the post)', goal: 'at least 0.95' },
  coded: { withCode: true, what: 'Sign-in by password and code (two pages of forms and two posts)', goal: 'at least 0.93' },
};
const hashes = join(import.meta.dirname, 'peers', 'hashes.mjs');

export async function* measure(settings) {
  const { cost, rounds } = settings;
  yield* onEachDatabase(settings, async function* measureOn(environment, { peerDatabase }) {
    const raw = new Load(hashes);
    try {
      const peers = ['passport', 'better-auth'];
      yield* withContenders({ environment, peerDatabase, settings, peers }, async function* measureBeside({ contenders, load }) {
        for (const [kind, { withCode, what, goal }] of Object.entries(kinds)) {
          for (const lane of lanes) {
            const length = { lanes: lane, seconds: settings.seconds.signIns, warmUp: settings.seconds.warmUp };
            const measures = Object.entries(contenders).map(([name, { port, flow }]) => [
              name,
              async () => (await load.ask('signIns', { port, flow, pool: `${name} ${kind}`, withCode, ...length })).perSecond,
            ]);
            const bcrypt = async () => (await raw.ask('compare', { cost, ...length })).perSecond;
            const figures = await inTurns({ bcrypt, ...Object.fromEntries(measures) }, rounds);
            const named = `${what}, ${lane} at a time, against`;
            const row = (name) => ({ unit: '/s', ...ratioOf(figures.gatehouse, figures[name]) });
            yield { what: `${named} bcrypt alone, cost ${cost}`, ...row('bcrypt'), goal: settings.goal(goal) };
            for (const name of peers) yield { what: `${named} ${peerNames[name]}`, ...row(name), goal: settings.goal('ahead') };
          }
        }
      });
    } finally {
      await raw.close();
    }
  });
}
