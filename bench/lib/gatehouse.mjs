/** A Gatehouse under measurement: its command line, its rows, and the server as a process of its own. */
import { join } from 'node:path';
import { run, startServer } from './processes.mjs';

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

/**
 * One command, to its end.
 * @param input what it reads from standard input: text, or chunks that are made while they are read
 * @returns seconds, from the start of the process
 */
export async function gatehouse(environment, given, input = '') {
  const start = performance.now();
  const env = { ...process.env, ...common, ...cheap, ...environment };
  await run(process.execPath, [entry, ...given], { env, input });
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
