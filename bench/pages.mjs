/** Pages a second, against a bare handler that asks the database once and renders the same template, and against the peers' checks. */
import { openContenders } from './lib/contenders.mjs';
import { onEachDatabase } from './lib/databases.mjs';
import { peerNamed } from './lib/peers.mjs';
import { inTurns, ratioOf } from './lib/rounds.mjs';

const allLanes = [32, 1];
const pages = {
  Home: { path: '/', isOpen: false },
  'Profile, details': { path: '/profile/details', isOpen: false },
  'Sign-in page': { path: '/login', isOpen: true },
};
/** The peers render the same template: how much their page may differ in length, in parts of it. */
const alike = 0.03;

export async function* measure(settings) {
  yield* onEachDatabase(settings, async function* measureOn(around) {
    const { contenders, load } = await openContenders(around, settings);
    for (const [page, { path, isOpen }] of Object.entries(pages)) {
      const ask = (name, length) => {
        const { port, cookies } = contenders[name];
        return load.ask('pages', { port, path, cookies: isOpen ? undefined : cookies, ...length });
      };
      await assertAlike(page, Object.keys(contenders), ask);
      for (const lanes of allLanes) {
        const length = { lanes, seconds: settings.seconds.pages, warmUp: settings.seconds.warmUp };
        const measures = Object.keys(contenders).map((name) => [name, async () => (await ask(name, length)).perSecond]);
        const { gatehouse, ...others } = await inTurns(Object.fromEntries(measures), settings.rounds);
        for (const [name, figures] of Object.entries(others)) {
          const what = `${page}, ${lanes} at a time, against ${peerNamed(name, around.name)}`;
          const goal = settings.goal(name === 'bare' ? 'at least 0.9' : 'ahead');
          yield { what, unit: '/s', ...ratioOf(gatehouse, figures), goal };
        }
        if (Object.keys(others).length === 0) yield { what: `${page}, ${lanes} at a time`, unit: '/s', figure: gatehouse[0] };
      }
    }
  });
}

async function assertAlike(page, names, ask) {
  const sizes = [];
  for (const name of names) sizes.push((await ask(name, { lanes: 1, seconds: 0, warmUp: 0 })).bytes);
  for (const [index, bytes] of sizes.entries())
    if (Math.abs(bytes - sizes[0]) > alike * sizes[0]) throw new Error(`${page} of ${names[index]}: ${bytes} bytes against ${sizes[0]}`);
}
