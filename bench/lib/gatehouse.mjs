/** A Gatehouse under measurement: its command line, its rows, and the server as a process of its own. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startServer } from './processes.mjs';

const root = join(import.meta.dirname, '..', '..');
const entry = join(root, 'bin', 'gatehouse.mjs');
export const benchKey = { id: 'bench', bytes: Buffer.alloc(32, 7) };
const common = {
  NODE_ENV: 'production',
  ALLOW_EMBEDDED_DATABASE: 'true',
  SECRET_KEYS: `${benchKey.id}:${benchKey.bytes.toString('base64')}`,
};
/** Where hashes and lines of log are not what is measured. */
const cheap = { LOG_LEVEL: 'silent', BCRYPT_COST: '10' };

/** @param input what the command reads from standard input */
export function gatehouse(environment, given, input = '') {
  const env = { ...process.env, ...common, ...cheap, ...environment };
  const { status, stderr } = spawnSync(process.execPath, [entry, ...given], { env, input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`gatehouse ${given.join(' ')}: ${stderr}`);
}

/**
 * `gatehouse import` of lines that are made while they are read.
 * @param chunks of NDJSON
 * @returns seconds, of the whole command
 */
export async function importStream(environment, chunks) {
  const env = { ...process.env, ...common, ...cheap, ...environment };
  const start = performance.now();
  const child = spawn(process.execPath, [entry, 'import', '-'], { env, stdio: ['pipe', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => (said = (said + part).slice(-2_000)));
  const ended = once(child, 'close');
  await pipeline(Readable.from(chunks), child.stdin).catch(() => undefined);
  const [status] = await ended;
  if (status !== 0) throw new Error(`gatehouse import: ${said}`);
  return (performance.now() - start) / 1_000;
}

/** Opens the database with the product's own code, for rows that no command makes; the server must not be running on an embedded one. */
export async function withDatabase(environment, use) {
  const { loadConfig } = await import('../../dist/platform/config.js');
  const { openDatabase } = await import('../../dist/platform/database.js');
  const opened = await openDatabase(loadConfig({ ...common, ...cheap, ...environment }));
  try {
    return await use(opened.database);
  } finally {
    await opened.close();
  }
}

/**
 * As in production, with what the environment adds.
 * @param options for Node, such as the size of its heap
 */
export function startGatehouse(environment, options = []) {
  return startServer({
    given: [...options, entry, 'start'],
    environment: ({ base }) => ({ ...common, ...environment, PUBLIC_URL: base }),
    ready: '/health/ready',
  });
}

/** So little that an export which gathered its records in memory would break the server: they are 300 MB. */
const smallHeap = '--max-old-space-size=192';

/** With cheap hashes, no log and a small heap. @param use is given the address and `memory()`; the server is stopped afterwards */
export async function* withServer(environment, use) {
  const server = await startGatehouse({ ...cheap, ...environment }, [smallHeap]);
  try {
    yield* use(server);
  } finally {
    await server.stop();
  }
}
