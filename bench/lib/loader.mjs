/** The process that asks: closed loops of so many lanes, and requests on a schedule that does not wait for answers. */
import { setPriority } from 'node:os';
import { Connection, requestOf } from './http-client.mjs';
import { flows } from './flows.mjs';
import { enough, rateOf } from './rate.mjs';

const pools = new Map();
const jobs = { pool, pages, schedule, signIns, signInOnce };
/** The jobs that were told to stop. */
const stopped = new Set();

// What asks must not wait behind what it measures; only where this user may.
try {
  setPriority(-5);
} catch {
  // Then it shares the cores like everything else.
}

process.on('message', async ({ id, job, stop, ...given }) => {
  if (stop) return void stopped.add(stop);
  try {
    process.send({ id, result: await jobs[job]({ ...given, isStopped: () => stopped.has(id), stop: () => stopped.add(id) }) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});

/** Members who sign in, one after the other and round again: each of them seldom enough. */
function pool({ name, members }) {
  pools.set(name, { members, at: 0 });
}

/** @returns `perSecond`, and the bytes of a page */
async function pages({ path, cookie, ...loop }) {
  const request = Buffer.from(requestOf({ port: loop.port, path, headers: cookie ? { cookie } : {} }));
  let bytes = 0;
  const visit = async (connection) => {
    const { status, body } = await connection.send(request);
    if (status !== 200) throw new Error(`GET ${path}: ${status}`);
    bytes = body.length;
  };
  const { count, elapsed } = await runLanes(loop, visit);
  return { perSecond: count / elapsed, bytes };
}

/** @returns the times of all answers, in milliseconds from when each was due */
async function schedule({ port, path, cookie, perSecond, seconds }) {
  const request = Buffer.from(requestOf({ port, path, headers: { cookie } }));
  const [idle, opened, times, answers] = [[], [], [], []];
  const visit = async (due) => {
    const connection = idle.pop() ?? new Connection(port);
    if (!opened.includes(connection)) opened.push(connection);
    const { status } = await connection.send(request);
    if (status !== 200) throw new Error(`GET ${path}: ${status}`);
    times.push(performance.now() - due);
    idle.push(connection);
  };
  const [start, all] = [performance.now() + 10, Math.round(perSecond * seconds)];
  for (let sent = 0; sent < all;) {
    const due = start + (sent * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      continue;
    }
    sent += 1;
    const answer = visit(due);
    answer.catch(() => undefined);
    answers.push(answer);
  }
  try {
    await Promise.all(answers);
  } finally {
    for (const connection of opened) connection.close();
  }
  return times;
}

/** Until `seconds` are over, or it is told to stop. */
async function signIns({ flow, pool: name, withCode, ...loop }) {
  const signIn = (connection) => flows[flow](connection, nextOf(name), withCode);
  const { steps } = await runLanes(loop, signIn);
  return rateOf(steps);
}

/** @returns the cookies of a session */
async function signInOnce({ port, flow, pool: name, withCode }) {
  const connection = new Connection(port);
  try {
    return await flows[flow](connection, nextOf(name), withCode);
  } finally {
    connection.close();
  }
}

function nextOf(name) {
  const { members, at } = pools.get(name);
  pools.get(name).at = (at + 1) % members.length;
  return members[at];
}

/**
 * Each lane begins again when it is through. What began before the warm-up was over counts, if it ended after it; and it goes on
 * until there are enough to tell a rate from.
 */
async function runLanes({ port, lanes, seconds, warmUp, isStopped, stop }, act) {
  const start = performance.now() + warmUp * 1_000;
  const end = start + seconds * 1_000;
  const steps = [];
  const connections = Array.from({ length: lanes }, () => new Connection(port));
  const isOn = (now) => now < end || steps.length < enough;
  const lane = async (connection) => {
    while (!isStopped() && isOn(performance.now())) {
      await act(connection);
      const now = performance.now();
      if (now >= start && isOn(now)) steps.push(now);
    }
  };
  try {
    await Promise.all(connections.map(lane));
  } catch (error) {
    stop();
    throw error;
  } finally {
    for (const connection of connections) connection.close();
  }
  return { steps, count: steps.length, elapsed: Math.max(end, steps.at(-1) ?? end) / 1_000 - start / 1_000 };
}
