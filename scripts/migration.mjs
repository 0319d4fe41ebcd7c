/**
 * `npm run migration -- NAME` writes the SQL that leads from the migrations to schema.prisma as a new migration.
 * `npm run migration -- NAME --replace` writes the migration of that name anew: only for one that no database has had yet.
 * `npm run check:drift` (`--check`) fails when there is anything to write.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diffWithSchema, migrationsDirectory } from './schema-engine.mjs';

const [argument, option] = process.argv.slice(2);
mkdirSync(migrationsDirectory, { recursive: true });

if (argument === '--check') await check();
else if (argument && /^[a-z0-9_]{1,60}$/.test(argument)) await write(argument);
else stop(2, 'usage: npm run migration -- NAME [--replace] (a to z, 0 to 9 and _)');

async function check() {
  const sql = await diffWithSchema();
  if (sql !== undefined) stop(1, `prisma/migrations and prisma/schema.prisma differ: npm run migration -- NAME would write\n${sql}`);
  stop(0, 'prisma/migrations and prisma/schema.prisma agree');
}

async function write(name) {
  if (option === '--replace') remove(name);
  const sql = await diffWithSchema();
  if (sql === undefined) stop(0, 'nothing to write: prisma/migrations and prisma/schema.prisma agree');
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = join(migrationsDirectory, `${stamp}_${name}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'migration.sql'), `${sql.trim()}\n`);
  writeFileSync(join(migrationsDirectory, 'migration_lock.toml'), 'provider = "postgresql"\n');
  stop(0, `prisma/migrations/${stamp}_${name}/migration.sql: read it before you commit it`);
}

function remove(name) {
  for (const folder of readdirSync(migrationsDirectory)) {
    if (folder.replace(/^\d+_/, '') === name) rmSync(join(migrationsDirectory, folder), { recursive: true });
  }
}

/** The databases in memory would keep the process: it is ended. */
function stop(code, line) {
  console[code === 0 ? 'log' : 'error'](line);
  process.exit(code);
}
