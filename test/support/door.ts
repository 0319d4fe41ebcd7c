/** A whole Gatehouse on a database of its own, with a clock that the test turns. */
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { TOTP } from 'otpauth';
import { AppModule } from '../../src/app.module.js';
import { createApp } from '../../src/app.setup.js';
import { loadConfig } from '../../src/platform/config.js';
import type { Database } from '../../src/platform/database.js';
import { Log } from '../../src/platform/log.js';
import type { SecretKey } from '../../src/platform/secret-keys.js';
import { Settings } from '../../src/platform/settings.js';
import { Browser } from './browser.js';
import { TurnableClock } from './clock.js';
import { openTestDatabase, type TestDatabase } from './databases.js';
import { keepEnvironment, keepSecret, watchLine } from './log-watch.js';

/** The least that bcrypt takes, and less than BCRYPT_COST may be: what a hash costs is shown where it matters alone. */
export const cheapHash = 4;
export const testKey = { id: 'test', bytes: Buffer.alloc(32, 7) };
export const secretKeys: readonly SecretKey[] = [testKey];
/** The environment of a door that is open to the world behind a proxy with TLS. */
export const underHttps = {
  PUBLIC_URL: 'https://door.example.com',
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://unused/',
  SECRET_KEYS: `${testKey.id}:${testKey.bytes.toString('base64')}`,
};

export type Door = {
  readonly app: NestExpressApplication;
  readonly base: string;
  readonly clock: TurnableClock;
  readonly database: Database;
  browser(headers?: Readonly<Record<string, string>>): Browser;
  /** What an authenticator app shows for a key, now or so many steps of 30 seconds away. */
  codeOf(key: string, stepsAway?: number): string;
  close(): Promise<void>;
};

type Options = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly database?: Database;
  readonly clock?: TurnableClock;
  /** The key ring; the one that people are made with unless it says otherwise. */
  readonly keys?: readonly SecretKey[];
  /** Takes the lines of the log, which are kept for the watch over it in any case. */
  readonly readLog?: (line: string) => void;
};

/** One database a test file; every door that is opened finds it empty. */
let opened: Promise<TestDatabase> | undefined;

afterAll(async () => (await opened)?.close());

async function emptyDatabase(): Promise<Database> {
  opened ??= openTestDatabase();
  const { database } = await opened;
  await empty(database);
  return database;
}

/** Takes away whatever a test left, organizations and all. */
export async function empty(database: Database): Promise<void> {
  // Of few rows, a DELETE takes a fiftieth of a TRUNCATE, which makes every table's file anew.
  await database.$executeRaw`
    WITH links AS (DELETE FROM setup_links), tries AS (DELETE FROM password_tries), counts AS (DELETE FROM rate_counts),
      records AS (DELETE FROM audit_records), chains AS (DELETE FROM audit_chains),
      mail AS (DELETE FROM mail_messages), outbox AS (DELETE FROM outbox_messages)
    DELETE FROM organizations`;
}

export async function openDoor(options: Options = {}): Promise<Door> {
  const { environment = {}, database: shared, clock = new TurnableClock(), keys = secretKeys, readLog } = options;
  const database = shared ?? (await emptyDatabase());
  const { app, base } = await startApp({ environment, database, clock, keys, ...(readLog && { readLog }) });
  return {
    app,
    base,
    clock,
    database,
    browser: (headers) => new Browser(base, headers),
    codeOf: (key, stepsAway = 0) => new TOTP({ secret: key }).generate({ timestamp: clock.now().getTime() + stepsAway * 30_000 }),
    close: () => app.close(),
  };
}

type Start = Required<Pick<Options, 'environment' | 'database' | 'clock' | 'keys'>> & Pick<Options, 'readLog'>;

async function startApp({ environment, database, clock, keys, readLog }: Start) {
  const port = await freePort();
  const base = `http://localhost:${port}`;
  const config = loadConfig({ NODE_ENV: 'test', PORT: String(port), ...environment });
  const settings = new Settings(environment.BCRYPT_COST ? config : { ...config, BCRYPT_COST: cheapHash });
  const log = new Log('trace', {
    write: (line: string) => {
      watchLine(line);
      readLog?.(line);
    },
  });
  keepEnvironment(environment);
  for (const { bytes } of keys) keepSecret('secret key', bytes.toString('base64'));
  const module = AppModule.on({ settings, database, secretKeys: keys, clock, log });
  const app = await createApp(module, settings, log);
  // A busy machine lets a test's browser pause for long: it must not send on a connection that is being closed just then.
  app.getHttpServer().keepAliveTimeout = 120_000;
  await app.listen(port, '127.0.0.1');
  return { app, base };
}

/** The ports of each of jest's processes are its own, so that no two take one between the look and the use. */
const [firstPort, portsPerProcess, processes] = [15_000, 2_000, 8];
let lastPort = randomInt(portsPerProcess);

/**
 * A port that nobody listens on, below those that the system gives to connections of its own accord. Each door of a file has
 * another one: fetch may still hold a connection to the door before.
 */
export async function freePort(): Promise<number> {
  const first = firstPort + (Number(process.env.JEST_WORKER_ID) % processes) * portsPerProcess;
  for (;;) {
    lastPort = (lastPort + 1) % portsPerProcess;
    // Kept before the wait: another door may ask meanwhile.
    const port = first + lastPort;
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
