/** The server's own schema engine (src/platform/schema-engine.ts), for scripts: they must run before anything is built. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { transformFileSync } from '@swc/core';
import { PrismaPGlite } from 'pglite-prisma-adapter';

export const root = join(import.meta.dirname, '..');
export const migrationsDirectory = join(root, 'prisma', 'migrations');

/** @returns {Promise<string | undefined>} the SQL that leads from the migrations to schema.prisma; undefined when they agree */
export async function diffWithSchema() {
  const { migrationDiff } = await loadEngine();
  return migrationDiff(readMigrations(), readFileSync(join(root, 'prisma', 'schema.prisma'), 'utf8'), openShadow);
}

/** An empty PostgreSQL in memory, on which the engine tries the migrations. */
async function openShadow() {
  const pglite = await PGlite.create();
  const adapter = await new PrismaPGlite(pglite).connect();
  // The adapter's own does not wait, and the engine takes no other answer than none.
  adapter.executeScript = async (script) => void (await pglite.exec(script));
  return adapter;
}

async function loadEngine() {
  const { code } = transformFileSync(join(root, 'src', 'platform', 'schema-engine.ts'), {
    swcrc: false,
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'es6' },
  });
  const folder = join(root, 'node_modules', '.cache', 'gatehouse');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `schema-engine-${process.pid}.mjs`);
  writeFileSync(file, code);
  return import(pathToFileURL(file).href);
}

function readMigrations() {
  return readdirSync(migrationsDirectory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, script: readFileSync(join(migrationsDirectory, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
