import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, MigrationError, pendingMigrations, readMigrations } from '../../src/platform/migrations.js';
import { type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { spawnGatehouse } from '../support/command-line.js';
import { createEmptyDatabase, dropTestDatabase } from '../support/databases.js';

let url: string;
beforeEach(async () => (url = await createEmptyDatabase()));
afterEach(() => dropTestDatabase(url));

const names = readMigrations().map(({ name }) => name);

async function untilWaiting({ database }: OpenedDatabase, inside: string): Promise<void> {
  for (;;) {
    const rows = await database.$queryRaw`
      SELECT 1 AS one FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND query LIKE ${`%${inside}%`} AND datname = current_database()`;
    if (Array.isArray(rows) && rows.length > 0) return;
    await sleep(50);
  }
}

/** The operator's own command, in a process of its own. */
async function migrateByCommand(): Promise<{ applied: string[] }> {
  const child = spawn(process.execPath, ['bin/gatehouse.mjs', 'migrate', '--json'], {
    env: { ...process.env, DATABASE_URL: url, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(complaints);
  return JSON.parse(output) as { applied: string[] };
}

describe('migrations', () => {
  it('are applied once by three processes that start at the same moment', async () => {
    const results = await Promise.all([migrateByCommand(), migrateByCommand(), migrateByCommand()]);
    expect(results.flatMap(({ applied }) => applied)).toEqual(names);
  });

  it('are applied once by ten connections at once', async () => {
    const copies = Array.from({ length: 10 }, () => openServer(url));
    const results = await Promise.all(copies.map(migrate));
    expect(results.flat()).toEqual(names);
    await Promise.all(copies.map((copy) => copy.close()));
  });

  it('are pending before, and not after', async () => {
    const opened = openServer(url);
    expect(await pendingMigrations(opened)).toEqual(names);
    expect(await migrate(opened)).toEqual(names);
    expect(await pendingMigrations(opened)).toEqual([]);
    expect(await migrate(opened)).toEqual([]);
    await opened.close();
  });

  it.each([
    // The first one is whole then; the others are still to be applied.
    ['and the server went on with it', names.slice(1)],
    ['and the server undid it', names],
  ])('need no hand after a process was killed in the middle of one, %s', async (_, expected) => {
    const [blocker, opened] = [openServer(url), openServer(url)];
    // The script waits for this lock on its last table, and its process is killed there.
    await blocker.database.$transaction(
      async (tx) => {
        await tx.$executeRaw`CREATE TABLE password_tries (in_the_way int)`;
        const child = spawn(process.execPath, ['bin/gatehouse.mjs', 'migrate'], { env: { ...process.env, DATABASE_URL: url } });
        await untilWaiting(opened, 'CREATE TABLE');
        child.kill('SIGKILL');
        await once(child, 'close');
        if (expected.length === names.length)
          await opened.database.$queryRaw`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gatehouse migrate' AND datname = current_database()`;
        await tx.$executeRaw`DROP TABLE password_tries`;
      },
      { timeout: 30_000 },
    );
    expect(await migrate(opened)).toEqual(expected);
    expect(await pendingMigrations(opened)).toEqual([]);
    expect(await opened.database.organization.count()).toBe(0);
    await Promise.all([blocker.close(), opened.close()]);
  });

  it.each(['1', '2'])('of another copy are not waited for by one that is told to stop meanwhile: WEB_CONCURRENCY=%s', async (processes) => {
    const opened = openServer(url);
    // Held as another copy holds it: by a connection that nothing ends while this one starts.
    const other = await opened.connectForMigrations();
    await other.adapter.queryRaw({ sql: 'SELECT 1 AS one FROM (SELECT pg_advisory_lock(7137410962)) AS held', args: [], argTypes: [] });
    const environment = { NODE_ENV: 'test', DATABASE_URL: url, SECRET_KEYS: `a:${Buffer.alloc(32, 7).toString('base64')}` };
    const child = spawnGatehouse(['start'], { ...process.env, ...environment, WEB_CONCURRENCY: processes });
    const [output, ended] = [text(child.stdout), once(child, 'close')];
    await untilWaiting(opened, 'pg_advisory_lock');
    child.kill('SIGTERM');
    expect([await ended, await output]).toEqual([[0, null], '']);
    await other.close();
    expect(await pendingMigrations(opened)).toEqual(names);
    await opened.close();
  });

  it('are undone whole when one fails, say why in one line, and are tried again', async () => {
    const opened = openServer(url);
    await opened.database.$executeRaw`CREATE TYPE sessions AS (in_the_way int)`;
    const error: unknown = await migrate(opened).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MigrationError);
    expect(String(error)).toMatch(/^Error: the database could not be migrated: [^\n]*sessions[^\n]*$/);
    const [found] = await opened.database.$queryRaw<{ found: boolean }[]>`SELECT to_regclass('organizations') IS NOT NULL AS found`;
    expect(found).toEqual({ found: false });
    await opened.database.$executeRaw`DROP TYPE sessions`;
    expect(await migrate(opened)).toEqual(names);
    await opened.close();
  });
});
