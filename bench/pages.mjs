/** Pages a second, against a bare handler that asks the database once and renders the same template, and against the peers' checks. */
import { withContenders } from './lib/contenders.mjs';
import { onEachDatabase } from './lib/databases.mjs';
import { peerNames } from './lib/peers.mjs';
import { inTurns, ratioOf } from './lib/rounds.mjs';

const lanes = [32, 1];
const pages = {
  Home: { path: '/', isOpen: false },
  'Profile, details': { path: '/profile/details', isOpen: false },
  'Sign-in page': { path: '/login', isOpen: true },
};
/** The peers render the same template: how much their page may differ in length, in parts of it. */
const alike = 0.03;

export async function* measure(settings) {
  const { rounds } = settings;
  const { pages: seconds, warmUp } = settings.seconds;
  yield* onEachDatabase(settings, async function* measureOn(environment, { name: on, peerDatabase }) {
    const where = on === 'PostgreSQL' ? '' : ' on PostgreSQL';
    const peers = ['bare', 'passport', 'better-auth'];
    yield* withContenders({ environment, peerDatabase, settings, peers }, async function* measureBeside({ contenders, load }) {
      for (const [page, { path, isOpen }] of Object.entries(pages)) {
        const ask = ({ port, cookie }, length) => load.ask('pages', { port, path, cookie: isOpen ? undefined : cookie, ...length });
        for (const [name, contender] of Object.entries(contenders))
          await assertAlike(`${page} of ${name}`, [contenders.gatehouse, contender], (one) =>
            ask(one, { lanes: 1, seconds: 0.2, warmUp: 0 }),
          );
        for (const lane of lanes) {
          const length = { lanes: lane, seconds, warmUp };
          const measures = Object.entries(contenders).map(([name, one]) => [name, async () => (await ask(one, length)).perSecond]);
          const figures = await inTurns(Object.fromEntries(measures), rounds);
          for (const name of peers) {
            const what = `${page}, ${lane} at a time, against ${peerNames[name]}${where}`;
            const goal = name === 'bare' ? 'at least 0.9' : 'ahead';
            yield { what, unit: '/s', ...ratioOf(figures.gatehouse, figures[name]), goal: settings.goal(goal) };
          }
        }
      }
    });
  });
}

async function assertAlike(what, contenders, ask) {
  const [own, other] = [await ask(contenders[0]), await ask(contenders[1])];
  if (Math.abs(own.bytes - other.bytes) > alike * own.bytes) throw new Error(`${what}: ${other.bytes} bytes against ${own.bytes}`);
}
