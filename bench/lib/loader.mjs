/** The process that asks: closed loops of so many lanes, and requests on a schedule that does not wait for answers. */
import { setPriority } from 'node:os';
import { Connection, requestOf } from './http-client.mjs';
import { flows } from './flows.mjs';

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

/** Each request is the next visitor's. @returns `perSecond`, and the bytes of a page */
async function pages({ path, cookies, ...loop }) {
  const next = requestsOf({ port: loop.port, path, cookies });
  let bytes = 0;
  const visit = async (connection) => {
    const { status, head, body } = await connection.send(next());
    if (status !== 200) throw new Error(`GET ${path}: ${head}`);
    bytes = body.length;
  };
  const { perSecond } = await runLanes(loop, visit);
  return { perSecond, bytes };
}

/** @returns the times of all answers, in milliseconds from when each was due */
async function schedule({ port, path, cookies, perSecond, seconds }) {
  const next = requestsOf({ port, path, cookies });
  const [idle, opened, times, answers] = [[], [], [], []];
  const visit = async (due) => {
    const connection = idle.pop() ?? new Connection(port);
    if (!opened.includes(connection)) opened.push(connection);
    const { status } = await connection.send(next());
    if (status !== 200) throw new Error(`GET ${path}: ${status}`);
    times.push(performance.now() - due);
    idle.push(connection);
  };
  const [start, all] = [performance.now() + 10, Math.round(perSecond * seconds)];
  for (let sent = 0; sent < all;) {
    const due = start + (sent * 1_000) / perSecond;
    const wait = due - performance.now();
    if (wait > 0) {
      // A timer is up to a millisecond late or more, which would count as the page's.
      await new Promise((resolve) => (wait > 2 ? setTimeout(resolve, wait - 2) : setImmediate(resolve)));
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

/** @returns the requests of one visitor after the other, and round again */
function requestsOf({ port, path, cookies }) {
  const visitors = cookies?.map((cookie) => ({ cookie })) ?? [{}];
  const requests = visitors.map((headers) => Buffer.from(requestOf({ port, path, headers })));
  let turn = 0;
  return () => requests[turn++ % requests.length];
}

/** Until `seconds` are over, or it is told to stop. @returns `perSecond` */
async function signIns({ flow, pool: name, withCode, ...loop }) {
  const signIn = (connection) => flows[flow](connection, nextOf(name), withCode);
  return runLanes(loop, signIn);
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
 * Each lane begins again when it is through, until the time is over, and all that was begun counts: from the first request to the
 * last answer, because some servers answer in bursts, whole lanes at a time. Two lanes go ahead, for what has to be compiled first.
 */
async function runLanes({ port, lanes, seconds, warmUp, isStopped, stop }, act) {
  const connections = Array.from({ length: lanes }, () => new Connection(port));
  const runUntil = async (end, some) => {
    let count = 0;
    const lane = async (connection) => {
      do {
        await act(connection);
        count += 1;
      } while (!isStopped() && performance.now() < end);
    };
    await Promise.all(some.map(lane));
    return count;
  };
  try {
    if (warmUp > 0) await runUntil(performance.now() + warmUp * 1_000, connections.slice(0, 2));
    const start = performance.now();
    const count = await runUntil(start + seconds * 1_000, connections);
    return { perSecond: (1_000 * count) / (performance.now() - start) };
  } catch (error) {
    stop();
    throw error;
  } finally {
    for (const connection of connections) connection.close();
  }
}
