/** How long the home page takes at 50 requests a second, counted from when each was due, while others sign in and while nobody does. */
import { setTimeout as pause } from 'node:timers/promises';
import { openContenders } from './lib/contenders.mjs';
import { onEachDatabase } from './lib/databases.mjs';
import { Load } from './lib/load.mjs';
import { peerNamed } from './lib/peers.mjs';
import { inTurns, ratioOf } from './lib/rounds.mjs';

const perSecond = 50;
const signingIn = 8;
const goals = { 0.5: 'at most 2', 0.99: 'at most 4' };

export async function* measure(settings) {
  const visitor = new Load();
  try {
    yield* onEachDatabase(settings, async function* measureOn(around) {
      const { contenders, load } = await openContenders(around, settings);
      const { bare, ...checking } = contenders;
      for (const [name, contender] of Object.entries(checking))
        yield* measureOne(name, contender, { on: around.name, settings, load, visitor });
    });
  } finally {
    await visitor.close();
  }
}

async function* measureOne(name, { port, flow, cookies }, { on, settings, load, visitor }) {
  const { latency: seconds, warmUp } = settings.seconds;
  const quiet = () => visitor.ask('schedule', { port, path: '/', cookies, perSecond, seconds });
  const busy = async () => {
    const target = { port, flow, pool: `${name} plain`, withCode: false, lanes: signingIn, seconds: 3_600, warmUp: 0 };
    const signIns = load.begin('signIns', target);
    const times = pause(warmUp * 1_000).then(quiet);
    try {
      // Whichever fails first is what failed.
      await Promise.race([signIns.result, times]);
    } finally {
      signIns.stop();
    }
    await signIns.result;
    return times;
  };
  await visitor.ask('schedule', { port, path: '/', cookies, perSecond, seconds: warmUp });
  const times = await inTurns({ busy, quiet }, settings.rounds);
  const who = name === 'gatehouse' ? '' : ` of ${peerNamed(name, on)}`;
  for (const [part, goal] of Object.entries(goals)) {
    const [ofBusy, ofQuiet] = [times.busy, times.quiet].map((rounds) => rounds.map((round) => quantile(round, Number(part))));
    const what = `Home${who}, ${perSecond} requests a second, p${Number(part) * 100}: ${signingIn} sign in all the time, against nobody`;
    yield { what, unit: 'ms', ...ratioOf(ofBusy, ofQuiet), goal: name === 'gatehouse' ? settings.goal(goal) : undefined };
  }
}

function quantile(figures, part) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
}
