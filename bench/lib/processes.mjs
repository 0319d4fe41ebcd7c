/** Commands to their end, and servers under measurement: each a process of its own on a free port, ready when a page of it answers 200. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** How often a server that starts is asked whether it is ready, in milliseconds. */
const askEvery = 5;

/**
 * @param options for the process, and `input` for its standard input: text, or chunks that are made while they are read
 * @throws with what it said on stderr, when it fails
 */
export async function run(command, given, { input = '', ...options }) {
  const child = spawn(command, given, { ...options, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => (said = (said + part).slice(-2_000)));
  const ended = once(child, 'close');
  // A command that does not read to the end says why by itself.
  await pipeline(Readable.from(typeof input === 'string' ? [input] : input), child.stdin).catch(() => undefined);
  const [status] = await ended;
  if (status !== 0) throw new Error(`${command} ${given.join(' ')}: ${said}`);
}

/** Said at each start, and known here. */
const expected = /^gatehouse: warning: .*\n/gm;

const running = new Set();
// A run that breaks off leaves nobody behind.
process.once('exit', () => running.forEach((server) => server.kill('SIGKILL')));

/**
 * @param given arguments for Node
 * @param environment from the port and the address: its environment variables
 * @param ready the path that answers 200 once it works
 * @returns `startMillis`, from the start of the process to that answer; `memory()` in MiB
 */
export async function startServer({ given, environment, ready }) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const env = { ...process.env, ...environment({ port, base }), PORT: String(port) };
  const started = performance.now();
  const server = spawn(process.execPath, given, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  server.stderr.on('data', (part) => process.stderr.write(part.toString().replace(expected, '')));
  running.add(server);
  const stop = async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    running.delete(server);
  };
  try {
    await untilReady(`http://127.0.0.1:${port}${ready}`, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, port, startMillis: performance.now() - started, memory: () => residentMebibytes(server.pid), stop };
}

async function untilReady(address, server) {
  for (;;) {
    if (server.exitCode !== null || server.signalCode !== null) throw new Error(`the server did not start: ${server.spawnargs.join(' ')}`);
    const answer = await fetch(address).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, askEvery));
  }
}

/** What the process and those that it started hold of the machine's memory now; Linux only. */
function residentMebibytes(pid) {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + residentMebibytes(child), Number(line?.[1] ?? Number.NaN) / 1024);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
