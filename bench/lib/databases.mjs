/** The two sizes of database, each empty: a PostgreSQL server started for this run, and the embedded one in a folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformFileSync } from '@swc/core';

const root = join(import.meta.dirname, '..', '..');

/** @param use is given the name and the environment variables that lead to the database; it is gone afterwards */
export async function* onEachDatabase(use) {
  for (const open of [openServer, openEmbedded]) {
    const { name, environment, close } = await open();
    try {
      for await (const row of use(environment)) yield { on: name, ...row };
    } finally {
      await close();
    }
  }
}

async function openServer() {
  const { startPostgres } = await loadTypeScript(join(root, 'test', 'support', 'postgres-server.ts'));
  const server = await startPostgres(['shared_buffers=256MB']);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  return {
    name: 'PostgreSQL',
    environment: { DATABASE_URL: server.url, DATA_DIR: folder },
    close: () => server.stop().finally(() => rmSync(folder, { recursive: true, force: true })),
  };
}

async function openEmbedded() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  return {
    name: 'embedded',
    environment: { DATABASE_URL: '', DATA_DIR: join(folder, 'data') },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The tests' own way to a server, which is TypeScript. */
async function loadTypeScript(file) {
  const { code } = transformFileSync(file, {
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  const folder = join(root, 'node_modules', '.cache', 'gatehouse');
  mkdirSync(folder, { recursive: true });
  const compiled = join(folder, `bench-${process.pid}.mjs`);
  writeFileSync(compiled, code);
  return import(pathToFileURL(compiled).href);
}
