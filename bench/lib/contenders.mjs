/** Gatehouse and the peers, side by side in one run: all of them up, and one process that asks. */
import { importStream, startGatehouse } from './gatehouse.mjs';
import { Load } from './load.mjs';
import { readyMembers } from './members.mjs';
import { preparePeer } from './peers.mjs';
import { populationChunks } from './population.mjs';

/** Enough that nobody signs in twice in half a minute: a code is taken once. */
const peopleOf = ({ isSmoke }) => (isSmoke ? 120 : 800);

/**
 * @param peers names of bench/peers
 * @param use is given each contender's `port`, `flow`, and `cookie` of a member who is signed in, by name, and `load`
 */
export async function* withContenders({ environment, peerDatabase, settings, peers }, use) {
  const { cost } = settings;
  const people = peopleOf(settings);
  const [up, load] = [[], new Load()];
  const enter = async (name, server, members) => {
    up.push(server);
    for (const [kind, pool] of Object.entries(members)) await load.ask('pool', { name: `${name} ${kind}`, members: pool });
    const { port } = server;
    // The bare handler lets everybody in who has a name.
    const cookie =
      name === 'bare' ? 'id=coded0' : await load.ask('signInOnce', { port, flow: name, pool: `${name} coded`, withCode: true });
    return { port, flow: name, cookie };
  };
  try {
    const contenders = {};
    const members = await populate(environment, people, cost);
    contenders.gatehouse = await enter('gatehouse', await startGatehouse({ ...environment, BCRYPT_COST: String(cost) }), members);
    for (const name of peers) {
      const peer = await preparePeer(name, { url: await peerDatabase(), people, cost });
      contenders[name] = await enter(name, await peer.start(), peer.members);
    }
    yield* use({ contenders, load });
  } finally {
    await load.close();
    for (const server of up) await server.stop();
  }
}

/** An organization that asks for a code, and one that does not. */
async function populate(environment, people, cost) {
  const lines = function* () {
    yield* populationChunks({ users: people + 1, organizations: 1, twoFactorRequired: true, prefix: 'coded' });
    yield* populationChunks({ users: people + 1, organizations: 1, twoFactorRequired: false, prefix: 'plain' });
  };
  await importStream(environment, lines());
  const named = (slug) => Array.from({ length: people }, (_, index) => `member${index + 1}.${slug}`);
  return {
    coded: await readyMembers(environment, named('coded0'), cost),
    plain: await readyMembers(environment, named('plain0'), cost),
  };
}
