/** `gatehouse start`: migrates unless told not to, serves until SIGTERM or SIGINT, and leaves in order. */
import { once } from 'node:events';
import { type Config, loadConfig } from '../platform/config.js';
import { isDatabaseSafe } from '../platform/database-tls.js';
import { migrate } from '../platform/migrations.js';
import type { Command } from './command.js';
import { withDatabase } from './with-database.js';
import { keysOf } from './with-keys.js';

/** What is being answered gets this long to end. */
const patienceMillis = 10_000;

export const startCommand: Command = {
  name: 'start',
  positionals: [],
  summary: 'runs the server until it is told to stop (SIGTERM or Ctrl-C)',
  async run({ environment }) {
    const config = loadConfig(environment);
    warnAboutDatabase(config);
    const stopped = untilTold();
    await withDatabase(config, async (opened) => {
      if (config.MIGRATE_ON_START) await migrate(opened);
      const { startServer } = await import('../main.js');
      const server = await startServer(config, opened.database, await keysOf(config, opened.database));
      await stopped;
      setTimeout(giveUp, patienceMillis).unref();
      await server.close();
    });
    return { json: { stopped: true } };
  },
};

/** Ctrl-C under npm arrives twice, from the terminal and from npm: the second must not cut the first short. */
async function untilTold(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  await once(stop.signal, 'abort');
}

function giveUp(): void {
  process.stderr.write('gatehouse: stopped before everything had ended\n');
  process.exit(1);
}

function warnAboutDatabase({ NODE_ENV, DATABASE_URL }: Config): void {
  if (NODE_ENV !== 'production') return;
  const what = DATABASE_URL === undefined ? embedded : isDatabaseSafe(DATABASE_URL) ? undefined : inClear;
  if (what) process.stderr.write(`gatehouse: warning: ${what}\n`);
}

const embedded =
  'the embedded database is not safe against a power cut and serves one process only: set DATABASE_URL to a PostgreSQL server';
const inClear =
  'DATABASE_URL asks for no checked certificate: add sslmode=verify-full, unless nobody else is on the network between here and there';
