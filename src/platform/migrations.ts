/** Applies the migrations in prisma/migrations, each once, also when several copies start at the same moment. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { OpenedDatabase } from './database.js';
import { migrationsDirectory } from './package-root.js';
import type { Migration } from './schema-engine.js';
import { withScripts } from './scripted-adapter.js';

/** A migration failed. The message is one line and says what to do. */
export class MigrationError extends Error {
  readonly code = 'MIGRATION';
}

/** Ours, so that it cannot be taken for the engine's own, which gives up after ten seconds. */
const takeTurn = 'SELECT 1 AS turn FROM (SELECT pg_advisory_lock(7137410962)) AS locked';

const unfinished = 'finished_at IS NULL AND rolled_back_at IS NULL';

/**
 * Applies what is pending.
 * @returns the names applied, in order; empty when there was nothing to do
 * @throws MigrationError when one fails; PostgreSQL has then undone that one, and the ones before it stay
 */
export async function migrate(opened: OpenedDatabase): Promise<string[]> {
  const connection = await opened.connectForMigrations();
  try {
    const migrations = readMigrations();
    if ((await findPending(connection.adapter, migrations)).length === 0) return [];
    await query(connection.adapter, takeTurn);
    // Whoever had the turn before may have done it all.
    if ((await findPending(connection.adapter, migrations)).length === 0) return [];
    return await apply(connection.adapter, migrations);
  } finally {
    // On a server this ends the session, and the lock with it.
    await release(connection.adapter).catch(() => undefined);
    await connection.close();
  }
}

/** The names of the migrations that this database has still to get, in order. */
export async function pendingMigrations(opened: OpenedDatabase): Promise<string[]> {
  const connection = await opened.connectForMigrations();
  try {
    return await findPending(connection.adapter, readMigrations());
  } finally {
    await connection.close();
  }
}

/** Every folder below `directory` that holds a migration.sql, by name. */
export function readMigrations(directory = migrationsDirectory): Migration[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ name, script: readFileSync(join(directory, name, 'migration.sql'), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function findPending(adapter: SqlDriverAdapter, migrations: readonly Migration[]): Promise<string[]> {
  const finished = (await hasHistory(adapter))
    ? await query(adapter, 'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL')
    : [];
  const names = new Set(finished.flat().map(String));
  return migrations.map(({ name }) => name).filter((name) => !names.has(name));
}

/** The engine is loaded here and not before: it costs a second that most starts need not pay. */
async function apply(adapter: SqlDriverAdapter, migrations: readonly Migration[]): Promise<string[]> {
  const { applyMigrations } = await import('./schema-engine.js');
  try {
    await forgetUnfinished(adapter);
    return await applyMigrations(finishingTogether(adapter, migrations), migrationsDirectory, migrations);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`the database could not be migrated: ${said.replace(/\s+/g, ' ').trim()}`, { cause: error });
  }
}

/**
 * A migration and the mark that it is finished become true in one transaction, so that a process that is killed in between
 * leaves nothing to be sorted out by hand.
 */
function finishingTogether(adapter: SqlDriverAdapter, migrations: readonly Migration[]): SqlDriverAdapter {
  const scripts = new Set(migrations.map(({ script }) => script));
  const finish = `\n;UPDATE _prisma_migrations SET finished_at = now() WHERE ${unfinished}`;
  return withScripts(adapter, (script) => adapter.executeScript(scripts.has(script) ? script + finish : script));
}

/** What is not finished while it is our turn was undone by PostgreSQL: it failed, or its process was killed. It is tried again. */
async function forgetUnfinished(adapter: SqlDriverAdapter): Promise<void> {
  if (!(await hasHistory(adapter))) return;
  await query(adapter, `UPDATE _prisma_migrations SET rolled_back_at = now() WHERE ${unfinished} RETURNING migration_name`);
}

async function hasHistory(adapter: SqlDriverAdapter): Promise<boolean> {
  const [[table] = []] = await query(adapter, `SELECT to_regclass('_prisma_migrations')::text`);
  return typeof table === 'string';
}

async function release(adapter: SqlDriverAdapter): Promise<void> {
  await query(adapter, 'SELECT 1 AS done FROM (SELECT pg_advisory_unlock_all()) AS unlocked');
}

async function query(adapter: SqlDriverAdapter, sql: string): Promise<unknown[][]> {
  const { rows } = await adapter.queryRaw({ sql, args: [], argTypes: [] });
  return rows;
}
