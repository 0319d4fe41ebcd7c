/** A server under measurement: a process of its own on a free port, ready when a page of it answers 200. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** How often a server that starts is asked whether it is ready, in milliseconds. */
const askEvery = 5;

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
  const server = spawn(process.execPath, given, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const stop = async () => {
    server.kill('SIGTERM');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
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
