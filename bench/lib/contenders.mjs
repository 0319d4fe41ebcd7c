/** Gatehouse and the peers, side by side in one run: all of them with the same number of people. */
import { gatehouse, startGatehouse } from './gatehouse.mjs';
import { Load } from './load.mjs';
import { readyMembers } from './members.mjs';
import { preparePeer } from './peers.mjs';
import { populationChunks } from './population.mjs';

/** Enough that nobody signs in twice in half a minute: a code is taken once. */
const peopleOf = ({ isSmoke }) => (isSmoke ? 40 : 800);
/** Who look at pages: requests that arrive together are different people's, as they are in life. */
export const visitorsOf = ({ isSmoke }) => (isSmoke ? 4 : 32);

/**
 * @param around what onEachDatabase gives
 * @returns of each contender by name: `start()`, Gatehouse's with more variables where they are given, and its members with and without a code
 */
export async function prepareContenders(around, settings) {
  const { cost } = settings;
  const people = peopleOf(settings);
  const { environment, result: members } = await around.filled('people', (own) => populate(own, people, cost));
  const own = { members, start: (more) => startGatehouse({ ...environment, BCRYPT_COST: String(cost), ...more }) };
  const contenders = { gatehouse: own };
  for (const name of settings.peersBeside(around.name)) contenders[name] = await preparePeer(name, { peer: around.peer, people, cost });
  return contenders;
}

/**
 * All of them up, started once a run for each size of database.
 * @returns of each contender its `port`, `flow`, and `cookies` of members who are signed in, by name; and `load`, which asks
 */
export function openContenders(around, settings) {
  return around.kept('contenders', async (own) => {
    const [up, load] = [[], new Load()];
    const close = async () => {
      await load.close();
      for (const server of up) await server.stop();
    };
    try {
      const contenders = {};
      for (const [name, { start, members }] of Object.entries(await prepareContenders(own, settings))) {
        const server = await start();
        up.push(server);
        await fillPools(load, name, members, settings);
        const target = { port: server.port, flow: name };
        contenders[name] = { ...target, cookies: await enter(target, load, visitorsOf(settings)) };
      }
      return { contenders, load, close };
    } catch (error) {
      await close();
      throw error;
    }
  });
}

/** Members who sign in, so many. The bare handler lets everybody in who has a name. @returns their cookies */
export function enter({ port, flow }, load, visitors) {
  const cookieOf = (_, index) =>
    flow === 'bare' ? `id=coded${index}` : load.ask('signInOnce', { port, flow, pool: `${flow} visitors`, withCode: true });
  return Promise.all(Array.from({ length: visitors }, cookieOf));
}

/** As `NAME coded`, `NAME plain` and, whom nobody else signs in, `NAME visitors`. */
export async function fillPools(load, name, { coded = [], plain = [] }, settings) {
  const visitors = visitorsOf(settings);
  const pools = { coded: coded.slice(visitors), plain, visitors: coded.slice(0, visitors) };
  for (const [kind, members] of Object.entries(pools)) await load.ask('pool', { name: `${name} ${kind}`, members });
}

/** An organization that asks for a code, and one that does not. */
async function populate(environment, people, cost) {
  const lines = function* () {
    yield* populationChunks({ users: people + 1, organizations: 1, twoFactorRequired: true, prefix: 'coded' });
    yield* populationChunks({ users: people + 1, organizations: 1, twoFactorRequired: false, prefix: 'plain' });
  };
  await gatehouse(environment, ['import', '-'], lines());
  const named = (slug) => Array.from({ length: people }, (_, index) => `member${index + 1}.${slug}`);
  return {
    coded: await readyMembers(environment, named('coded0'), cost),
    plain: await readyMembers(environment, named('plain0'), cost),
  };
}
