/** A Gatehouse under measurement: its command line, its rows, and the server as a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');
const entry = join(root, 'bin', 'gatehouse.mjs');
const common = { NODE_ENV: 'production', ALLOW_EMBEDDED_DATABASE: 'true', LOG_LEVEL: 'silent', BCRYPT_COST: '10' };
export const benchKey = { id: 'bench', bytes: Buffer.alloc(32, 7) };
const keys = `${benchKey.id}:${benchKey.bytes.toString('base64')}`;

/** @param input what the command reads from standard input */
export function gatehouse(environment, given, input = '') {
  const env = { ...process.env, ...common, SECRET_KEYS: keys, ...environment };
  const { status, stderr } = spawnSync(process.execPath, [entry, ...given], { env, input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`gatehouse ${given.join(' ')}: ${stderr}`);
}

/** Opens the database with the product's own code, for rows that no command makes; the server must not be running on an embedded one. */
export async function withDatabase(environment, use) {
  const { loadConfig } = await import('../../dist/platform/config.js');
  const { openDatabase } = await import('../../dist/platform/database.js');
  const opened = await openDatabase(loadConfig({ ...common, SECRET_KEYS: keys, ...environment }));
  try {
    return await use(opened.database);
  } finally {
    await opened.close();
  }
}

/** So little that an export which gathered its records in memory would break the server: they are 300 MB. */
const heap = '--max-old-space-size=192';

/** @param use is given the address and `memory()`; the server is stopped afterwards */
export async function* withServer(environment, use) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const env = { ...process.env, ...common, SECRET_KEYS: keys, ...environment, PORT: String(port), PUBLIC_URL: base };
  const server = spawn(process.execPath, [heap, entry, 'start'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    await untilReady(base, server);
    yield* use({ base, memory: () => residentMebibytes(server.pid) });
  } finally {
    server.kill('SIGTERM');
    if (server.exitCode === null) await once(server, 'exit');
  }
}

async function untilReady(base, server) {
  for (;;) {
    if (server.exitCode !== null) throw new Error('the server did not start');
    const answer = await fetch(`${base}/health/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What the process holds of the machine's memory now; Linux only. */
function residentMebibytes(pid) {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN) / 1024;
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
