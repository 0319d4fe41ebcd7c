/** A fresh, migrated database for one test file: embedded in memory, or on the run's PostgreSQL server. */
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Database, openServer } from '../../src/platform/database.js';
import { openEmbedded } from '../../src/platform/embedded-database.js';
import { migrate, readMigrations } from '../../src/platform/migrations.js';

export type TestDatabase = { readonly database: Database; readonly url?: string; close(): Promise<void> };

/** On the database that TEST_DATABASE names: `postgres`, else the embedded one. */
export function openTestDatabase(): Promise<TestDatabase> {
  return process.env.TEST_DATABASE === 'postgres' ? openOnServer() : openInMemory();
}

/** @returns the address of a fresh, migrated database on the run's server; `dropTestDatabase` takes it away */
export async function createTestDatabase(): Promise<string> {
  const template = await ensureTemplate();
  const name = `gatehouse_test_${randomBytes(8).toString('hex')}`;
  await onServer((run) => run(`CREATE DATABASE ${name} TEMPLATE ${template}`));
  return addressOf(name);
}

/** @returns the address of a database with nothing in it: for tests of the migrations themselves */
export async function createEmptyDatabase(): Promise<string> {
  const name = `gatehouse_test_${randomBytes(8).toString('hex')}`;
  await onServer((run) => run(`CREATE DATABASE ${name} TEMPLATE template0`));
  return addressOf(name);
}

/** Lays a fresh, migrated embedded database into a folder that is not there yet. */
export async function layTestDatabase(directory: string): Promise<void> {
  const kept = join(cache, `migrated-${migrationsHash()}`);
  if (!existsSync(kept)) {
    const own = `${kept}.${randomBytes(4).toString('hex')}`;
    await (await openEmbedded({ dataDirectory: own, dump: await migratedDump() })).close();
    try {
      renameSync(own, kept);
    } catch {
      // Another worker was faster.
      rmSync(own, { recursive: true });
    }
  }
  cpSync(kept, directory, { recursive: true });
}

export async function dropTestDatabase(url: string): Promise<void> {
  await onServer((run) => run(`DROP DATABASE IF EXISTS ${new URL(url).pathname.slice(1)} WITH (FORCE)`));
}

async function openOnServer(): Promise<TestDatabase> {
  const url = await createTestDatabase();
  const opened = openServer(url);
  return { database: opened.database, url, close: () => opened.close().finally(() => dropTestDatabase(url)) };
}

async function openInMemory(): Promise<TestDatabase> {
  const dump = await migratedDump();
  const { database, close } = await openEmbedded({ dataDirectory: undefined, dump });
  return { database, close };
}

const cache = join(process.cwd(), 'node_modules', '.cache', 'gatehouse');

/** Migrated once for each set of migrations, kept among the caches, and loaded in a fraction of the time. */
async function migratedDump(): Promise<Blob> {
  const file = join(cache, `migrated-${migrationsHash()}.tar`);
  try {
    return new Blob([readFileSync(file)]);
  } catch {
    const opened = await openEmbedded({ dataDirectory: undefined });
    await migrate(opened);
    const dump = await opened.pglite.dumpDataDir('none');
    await opened.close();
    mkdirSync(cache, { recursive: true });
    const own = `${file}.${randomBytes(4).toString('hex')}`;
    writeFileSync(own, Buffer.from(await dump.arrayBuffer()));
    renameSync(own, file);
    return dump;
  }
}

/** The first test of a run makes the template, under a lock; CREATE DATABASE then copies its files. */
async function ensureTemplate(): Promise<string> {
  const template = `gatehouse_template_${migrationsHash()}`;
  await onServer(async (run) => {
    await run('SELECT 1 AS turn FROM (SELECT pg_advisory_lock(7137410963)) AS locked');
    const found = await run(`SELECT 1 AS found FROM pg_database WHERE datname = '${template}'`);
    if (found.length > 0) return;
    await run(`DROP DATABASE IF EXISTS ${template}_making WITH (FORCE)`);
    await run(`CREATE DATABASE ${template}_making TEMPLATE template0`);
    const opened = openServer(addressOf(`${template}_making`));
    await migrate(opened);
    await opened.close();
    await run(`ALTER DATABASE ${template}_making RENAME TO ${template}`);
  });
  return template;
}

type Run = (sql: string) => Promise<unknown[][]>;

/** One session on the server, over before this returns. */
async function onServer(work: (run: Run) => Promise<unknown>): Promise<void> {
  const adapter = await new PrismaPg({ connectionString: serverUrl(), max: 1 }).connect();
  try {
    await work(async (sql) => (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows);
  } finally {
    await adapter.dispose();
  }
}

function migrationsHash(): string {
  const hash = createHash('sha256').update(readFileSync(createRequire(import.meta.url).resolve('@electric-sql/pglite')));
  for (const { name, script } of readMigrations()) hash.update(name).update(script);
  return hash.digest('hex').slice(0, 16);
}

function addressOf(name: string): string {
  const url = new URL(serverUrl());
  url.pathname = `/${name}`;
  return url.href;
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error('TEST_DATABASE_URL is not set: run this through jest, or give the address of a PostgreSQL server');
  return url;
}
