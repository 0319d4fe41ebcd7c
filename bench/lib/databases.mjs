/**
 * The two sizes of database: one PostgreSQL server for the run, with a database for each measurement, and the embedded one in a
 * folder. What several measurements begin with is made once and copied.
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
/** As PostgreSQL comes: the tests' own server has other defaults, which not everybody who is measured is made for. */
const usual = ['timezone=UTC', 'default_transaction_isolation=read committed'];
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** What is made once a run, by name, as promises. */
const made = new Map();
const once = (name, make) => made.get(name) ?? made.set(name, make()).get(name);
let counted = 0;
const nextName = (what) => `${what}_${(counted += 1)}`;

/** What stays until the run ends, and how it is closed. */
const closers = [];

/**
 * @param use is given the `name` of the size, and ways to databases that are gone afterwards: `fresh()` and `filled(name, fill)`, each
 * as environment variables that lead there, the second with what `fill` made of it; `peer(name, fill)`, an address on the server;
 * `drop(environment)`, for who cannot wait; and `kept(name, open)`, which opens something for all the measurements on this size
 */
export async function* onEachDatabase({ isSmoke, on }, use) {
  const server = sizeOnServer(() => once('server', () => startServer(isSmoke)));
  for (const size of [server, embedded]) {
    if (on !== undefined && on !== size.name.toLowerCase()) continue;
    const { around, close } = waysTo(size, server);
    const kept = (name, open) => once(`${size.name} kept ${name}`, () => keep(waysTo(size, server), open));
    try {
      for await (const row of use({ ...around, kept })) yield { on: size.name, ...row };
    } finally {
      await close();
    }
  }
}

export async function closeDatabases() {
  for (const close of closers) await close();
  await (await made.get('server'))?.stop();
}

/** @param open is given ways to databases that stay, and gives what it opened and how to `close` it */
async function keep({ around, close }, open) {
  const opened = await open(around);
  closers.push(opened.close, close);
  return opened;
}

function waysTo(size, server) {
  const open = new Map();
  const copy = async (where, from) => {
    const environment = await where.copy(from);
    open.set(environment, where);
    return environment;
  };
  const drop = async (environment) => {
    await open.get(environment).drop(environment);
    open.delete(environment);
  };
  const around = {
    ...{ name: size.name, drop },
    fresh: async () => copy(size, await migrated(size)),
    filled: async (name, fill) => {
      const { environment, result } = await filled(size, name, fill);
      return { environment: await copy(size, environment), result };
    },
    peer: async (name, fill) => {
      const environment = await once(`peer ${name}`, () => fillPeer(server, fill));
      return (await copy(server, environment)).DATABASE_URL;
    },
  };
  return { around, close: () => Promise.all([...open.keys()].map(drop)) };
}

function migrated(size) {
  return once(`${size.name} migrated`, async () => {
    const environment = await size.make();
    await gatehouse(environment, ['migrate']);
    return environment;
  });
}

function filled(size, name, fill) {
  return once(`${size.name} ${name}`, async () => {
    const environment = await size.copy(await migrated(size));
    return { environment, result: await fill(environment) };
  });
}

async function fillPeer(server, fill) {
  const environment = await server.make();
  await fill(environment.DATABASE_URL);
  return environment;
}

function sizeOnServer(server) {
  const environmentOf = async (name) => ({ DATABASE_URL: (await server()).url(name), DATA_DIR: folder });
  const nameOf = ({ DATABASE_URL }) => new URL(DATABASE_URL).pathname.slice(1);
  const create = async (options) => {
    const name = nextName('bench');
    await (await server()).ask(`CREATE DATABASE ${name} ${options}`);
    return environmentOf(name);
  };
  return {
    name: 'PostgreSQL',
    make: () => create(''),
    copy: (from) => create(`TEMPLATE ${nameOf(from)}`),
    drop: async (environment) => (await server()).ask(`DROP DATABASE ${nameOf(environment)} WITH (FORCE)`),
  };
}

const embedded = {
  name: 'embedded',
  make: async () => ({ DATABASE_URL: '', DATA_DIR: join(folder, nextName('embedded')) }),
  copy: async ({ DATA_DIR }) => {
    const environment = await embedded.make();
    cpSync(DATA_DIR, environment.DATA_DIR, { recursive: true });
    return environment;
  },
  drop: async ({ DATA_DIR }) => rmSync(DATA_DIR, { recursive: true, force: true }),
};

/** One statement after the other: a database is copied while nobody is in it. */
async function startServer(isSmoke) {
  const { startPostgres } = await loadTypeScript(join(root, 'test', 'support', 'postgres-server.ts'));
  const server = await startPostgres(['shared_buffers=256MB', 'max_wal_size=4GB', ...usual, ...(isSmoke ? [] : durable)]);
  const url = (name) => Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  let last = Promise.resolve();
  const askNow = async (sql) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  const ask = (sql) => {
    const asked = last.then(() => askNow(sql));
    last = asked.catch(() => undefined);
    return asked;
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
