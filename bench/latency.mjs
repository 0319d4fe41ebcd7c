/** How long the home page takes at 50 requests a second, counted from when each was due, while others sign in and while nobody does. */
import { setTimeout as pause } from 'node:timers/promises';
import { withContenders } from './lib/contenders.mjs';
import { onEachDatabase } from './lib/databases.mjs';
import { Load } from './lib/load.mjs';
import { peerNames } from './lib/peers.mjs';
import { inTurns, ratioOf } from './lib/rounds.mjs';

const perSecond = 50;
const signingIn = 8;
const goals = { 0.5: 'at most 2', 0.99: 'at most 4' };

export async function* measure(settings) {
  yield* onEachDatabase(settings, async function* measureOn(environment, { peerDatabase }) {
    const visitor = new Load();
    try {
      const peers = ['passport', 'better-auth'];
      yield* withContenders({ environment, peerDatabase, settings, peers }, async function* measureBeside({ contenders, load }) {
        for (const [name, contender] of Object.entries(contenders)) yield* measureOne(name, contender, { settings, load, visitor });
      });
    } finally {
      await visitor.close();
    }
  });
}

async function* measureOne(name, { port, flow, cookie }, { settings, load, visitor }) {
  const { latency: seconds, warmUp } = settings.seconds;
  const quiet = () => visitor.ask('schedule', { port, path: '/', cookie, perSecond, seconds });
  const busy = async () => {
    const job = load.ask('signIns', { port, flow, pool: `${name} plain`, withCode: false, lanes: signingIn, seconds: 3_600, warmUp: 0 });
    const times = pause(warmUp * 1_000).then(quiet);
    // Whichever fails first is what failed.
    await Promise.race([job, times]);
    load.stop();
    await job;
    return times;
  };
  await visitor.ask('schedule', { port, path: '/', cookie, perSecond, seconds: warmUp });
  const times = await inTurns({ busy, quiet }, settings.rounds);
  for (const [part, goal] of Object.entries(goals)) {
    const [ofBusy, ofQuiet] = [times.busy, times.quiet].map((rounds) => rounds.map((round) => quantile(round, Number(part))));
    const who = name === 'gatehouse' ? '' : ` of ${peerNames[name]}`;
    const what = `Home${who}, ${perSecond} requests a second, p${Number(part) * 100}: while ${signingIn} sign in all the time against while nobody does`;
    yield { what, unit: 'ms', ...ratioOf(ofBusy, ofQuiet), goal: name === 'gatehouse' ? settings.goal(goal) : undefined };
  }
}

function quantile(figures, part) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
}
