/** `gatehouse start`: migrates unless told not to, serves until SIGTERM or SIGINT, and leaves in order. */
import type { Serving } from '../main.js';
import { type Config, loadConfig } from '../platform/config.js';
import type { OpenedDatabase } from '../platform/database.js';
import { migrate } from '../platform/migrations.js';
import type { SecretKey } from '../platform/secret-keys.js';
import { Settings } from '../platform/settings.js';
import type { Command } from './command.js';
import { warnAboutConnections, warnAboutDatabase } from './start-warnings.js';
import { endInTime, untilTold } from './told-to-stop.js';
import { withDatabase } from './with-database.js';
import { keysOf } from './with-keys.js';
import { canBeginWorkers, isWorker, serveAsWorker } from './worker.js';
import { serveByWorkers } from './workers.js';

export const startCommand: Command = {
  name: 'start',
  positionals: [],
  summary: 'runs the server until it is told to stop (SIGTERM or Ctrl-C)',
  async run({ environment }) {
    const config = loadConfig(environment);
    const stopped = untilTold();
    if (isWorker) {
      const keys = ({ database }: OpenedDatabase) => keysOf(config, database);
      const exitCode = await serveAsWorker(environment, (began) => serve(config, { prepare: keys, began, stopped }));
      return { json: {}, exitCode };
    }
    warnAboutDatabase(config);
    const exitCode = await serveAsOperator(config, stopped);
    return { json: { stopped: true }, exitCode };
  },
};

async function serveAsOperator(config: Config, stopped: Promise<void>): Promise<0 | 1> {
  const open = () => void process.stdout.write(`Gatehouse is open at ${config.PUBLIC_URL}\n`);
  const prepare = (opened: OpenedDatabase) => prepareOnce(config, opened);
  const { processes } = new Settings(config);
  if (processes === 1 || !canBeginWorkers) {
    const began = (serving: Serving) => {
      open();
      return serving.showSetUpLink();
    };
    await serve(config, { prepare, began, stopped });
    return 0;
  }
  const prepared = await withDatabase(config, async (opened) => {
    const keys = await unless(stopped, prepare(opened));
    if (keys) await warnAboutConnections(opened.database, processes);
    return keys;
  });
  return prepared ? serveByWorkers({ count: processes, open, stopped }) : 0;
}

/** What comes before serving may take long: a migration, or another copy's, whose end is waited for. It can be left at any moment. */
function unless<Result>(stopped: Promise<void>, work: Promise<Result>): Promise<Result | undefined> {
  return Promise.race([work, stopped.then(() => undefined)]);
}

async function prepareOnce(config: Config, opened: OpenedDatabase): Promise<readonly SecretKey[]> {
  if (config.MIGRATE_ON_START) await migrate(opened);
  return keysOf(config, opened.database);
}

type Service = {
  readonly prepare: (opened: OpenedDatabase) => Promise<readonly SecretKey[]>;
  readonly began: (serving: Serving) => Promise<void>;
  readonly stopped: Promise<void>;
};

function serve(config: Config, { prepare, began, stopped }: Service): Promise<void> {
  return withDatabase(config, async (opened) => {
    const secretKeys = await unless(stopped, prepare(opened));
    if (!secretKeys) return;
    const { startServer } = await import('../main.js');
    const serving = await startServer(config, opened.database, secretKeys);
    await began(serving);
    await stopped;
    endInTime();
    await serving.close();
  });
}
