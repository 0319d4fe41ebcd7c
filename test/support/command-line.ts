/** The operator's command line as a process of its own, on a database of its own: embedded or on the run's PostgreSQL server. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmptyDatabase, createTestDatabase, dropTestDatabase, layTestDatabase } from './databases.js';
import { freePort } from './door.js';
import { keepImported, watchOutput } from './log-watch.js';

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type Run = { readonly input?: string; readonly node?: readonly string[]; readonly environment?: Readonly<Record<string, string>> };

export type CommandLine = {
  /** for the files of a test; the embedded database lies in it too */
  readonly folder: string;
  readonly settings: Readonly<Record<string, string>>;
  run(given: readonly string[], options?: Run): Promise<Ended>;
  close(): Promise<void>;
};

const script = join(process.cwd(), 'bin', 'gatehouse.mjs');
/** A process of a test ends before WebAssembly that is compiled a second time, better, pays. */
const compilesOnce = '--liftoff-only';

export function spawnGatehouse(given: readonly string[], env: NodeJS.ProcessEnv, node: readonly string[] = []) {
  return spawn(process.execPath, [compilesOnce, ...node, script, ...given], { env });
}

/** @param migrated false: the database has no tables yet */
export async function openCommandLine({ migrated = true } = {}): Promise<CommandLine> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-command-'));
  const directory = join(folder, 'data');
  const isOnServer = process.env.TEST_DATABASE === 'postgres';
  const url = isOnServer ? await (migrated ? createTestDatabase() : createEmptyDatabase()) : '';
  if (migrated && !isOnServer) await layTestDatabase(join(directory, 'database'));
  const settings = { NODE_ENV: 'test', DATA_DIR: directory, DATABASE_URL: url, SECRET_KEYS: '', BCRYPT_COST: '10' };
  return {
    folder,
    settings,
    run: (given, { input = '', node = [], environment = {} } = {}) => {
      const child = spawnGatehouse(given, { ...process.env, ...settings, ...environment }, node);
      child.stdin.on('error', () => undefined).end(input);
      keepImported(given[0] === 'import' ? input + contentOf(given[1]) : '');
      return ended(child);
    },
    close: async () => {
      if (url) await dropTestDatabase(url);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Starts the server as a process of its own and waits until it has said so.
 * @param isUp what it says: with an organization there is no link to wait for
 */
export async function startServer({ settings }: Pick<CommandLine, 'settings'>, isUp = /setup\?token=\S+\n\n|open at[\s\S]*ready/) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const environment = { ...process.env, ...settings, PORT: String(port), PUBLIC_URL: base };
  const child = spawnGatehouse(['start'], environment);
  let output = '';
  child.once('close', () => watchOutput({ stdout: output, stderr: '' }));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error(output)));
    child.stderr.on('data', (part: Buffer) => (output += part.toString()));
    child.stdout.on('data', (part: Buffer) => {
      output += part.toString();
      if (isUp.test(output)) resolve();
    });
  });
  const stop = (signal: NodeJS.Signals) => new Promise<number | null>((resolve) => void child.once('exit', resolve).kill(signal));
  return {
    base,
    pid: child.pid ?? 0,
    link: /\S+\/setup\?token=\S+/.exec(output)?.[0] ?? '',
    /** what it has written by now */
    get output() {
      return output;
    },
    stop,
  };
}

/** Of a file that is small enough to be looked through. */
function contentOf(file = ''): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() && found.size < 1_000_000 ? readFileSync(file, 'utf8') : '';
}

function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (part: Buffer) => (stdout += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (stderr += part.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      watchOutput({ stdout, stderr });
      resolve({ code, stdout, stderr: stderr.replace(/^gatehouse: building …\n/, '') });
    });
  });
}
