/**
 * The two sizes of database: one PostgreSQL server for the run, with a database for each measurement, and the embedded one in a
 * folder. Each is migrated once and copied from there.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformFileSync } from '@swc/core';
import pg from 'pg';
import { gatehouse } from './gatehouse.mjs';

const root = join(import.meta.dirname, '..', '..');
const durable = ['fsync=on', 'full_page_writes=on', 'synchronous_commit=on'];
const template = 'gatehouse_template';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
let running;
let embedded;
let made = 0;

/**
 * @param use is given the environment variables that lead to a migrated, empty database, which is gone afterwards; the `name` of the
 * size; `another()`, which makes one more with a `drop()` of its own; and `peerDatabase()`, the address of an empty one on the server
 */
export async function* onEachDatabase({ isSmoke, on }, use) {
  const sizes = { postgresql: { name: 'PostgreSQL', make: makeOnServer }, embedded: { name: 'embedded', make: makeEmbedded } };
  for (const [size, { name, make }] of Object.entries(sizes)) {
    if (on !== undefined && on !== size) continue;
    const open = [await make(isSmoke)];
    const around = { name, another: () => make(isSmoke), peerDatabase: () => makePeerDatabase(isSmoke, open) };
    try {
      for await (const row of use(open[0].environment, around)) yield { on: name, ...row };
    } finally {
      for (const { drop } of open) await drop();
    }
  }
}

export async function closeDatabases() {
  await (await running)?.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function makeOnServer(isSmoke) {
  running ??= startServer(isSmoke);
  const { url, ask } = await running;
  const environment = { DATABASE_URL: url(template), DATA_DIR: folder };
  if (!(await ask(`SELECT 1 FROM pg_database WHERE datname = '${template}'`)).rowCount) {
    await ask(`CREATE DATABASE ${template}`);
    gatehouse(environment, ['migrate']);
  }
  const name = nameOfNext('gatehouse');
  await ask(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  return { environment: { ...environment, DATABASE_URL: url(name) }, drop: () => ask(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Empty, on the same server. */
async function makePeerDatabase(isSmoke, open) {
  running ??= startServer(isSmoke);
  const { url, ask } = await running;
  const name = nameOfNext('peer');
  await ask(`CREATE DATABASE ${name}`);
  open.push({ drop: () => ask(`DROP DATABASE ${name} WITH (FORCE)`) });
  return url(name);
}

function makeEmbedded() {
  const environment = { DATABASE_URL: '', DATA_DIR: join(folder, template) };
  if (!embedded) gatehouse(environment, ['migrate']);
  embedded = true;
  const copy = join(folder, nameOfNext('gatehouse'));
  cpSync(environment.DATA_DIR, copy, { recursive: true });
  return { environment: { ...environment, DATA_DIR: copy }, drop: () => rmSync(copy, { recursive: true, force: true }) };
}

function nameOfNext(what) {
  made += 1;
  return `${what}_${made}`;
}

async function startServer(isSmoke) {
  const { startPostgres } = await loadTypeScript(join(root, 'test', 'support', 'postgres-server.ts'));
  const server = await startPostgres(['shared_buffers=256MB', 'max_wal_size=4GB', ...(isSmoke ? [] : durable)]);
  const url = (name) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  const ask = async (sql) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };
  return { url, ask, stop: () => server.stop() };
}

/** The tests' own way to a server, which is TypeScript. */
async function loadTypeScript(file) {
  const { code } = transformFileSync(file, {
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  const cache = join(root, 'node_modules', '.cache', 'gatehouse');
  mkdirSync(cache, { recursive: true });
  const compiled = join(cache, `bench-${process.pid}.mjs`);
  writeFileSync(compiled, code);
  return import(pathToFileURL(compiled).href);
}
