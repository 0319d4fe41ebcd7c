/**
 * Prisma's own schema engine as WebAssembly: it applies migrations and writes new ones, on a server and on the embedded
 * database alike, without a native binary to download. It imports packages only, so that scripts can load it by itself.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type * as Engine from '@prisma/schema-engine-wasm/schema_engine_bg';

export type Migration = { readonly name: string; readonly script: string };
type Bindings = typeof Engine;
type Adapters = { readonly main: () => Promise<SqlDriverAdapter>; readonly shadow: () => Promise<SqlDriverAdapter> };

/** TypeScript has it among the types of the browser only. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

const filters = { externalTables: [], externalEnums: [] };
const noDatabase = (): Promise<never> => Promise.reject(new Error('this needs no database'));
let loaded: Promise<Bindings> | undefined;

/**
 * Applies what is pending, in one session under the engine's advisory lock.
 * @returns the names applied
 */
export async function applyMigrations(adapter: SqlDriverAdapter, directory: string, migrations: readonly Migration[]): Promise<string[]> {
  const { engine, reasonOf } = await start({ main: () => Promise.resolve(adapter), shadow: noDatabase });
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList: list(directory, migrations), filters });
    return appliedMigrationNames;
  } catch (error) {
    throw reasonOf(error);
  } finally {
    engine.free();
  }
}

/**
 * The SQL that leads from the migrations to the schema; undefined when they agree.
 * @param shadow an empty database to try the migrations on; not needed without migrations
 */
export async function migrationDiff(from: readonly Migration[], schema: string, shadow: Adapters['shadow']): Promise<string | undefined> {
  const { engine, reasonOf } = await start({ main: shadow, shadow });
  const source: Engine.DiffTarget = from.length === 0 ? { tag: 'empty' } : { tag: 'migrations', ...list('.', from) };
  const target: Engine.DiffTarget = { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] };
  try {
    const { exitCode, stdout } = await engine.diff({ from: source, to: target, script: true, exitCode: true, filters });
    return exitCode === 0 ? undefined : (stdout ?? '');
  } catch (error) {
    throw reasonOf(error);
  } finally {
    engine.free();
  }
}

type Started = { readonly engine: Engine.SchemaEngine; readonly reasonOf: (error: unknown) => unknown };

async function start({ main, shadow }: Adapters): Promise<Started> {
  loaded ??= load();
  const { SchemaEngine } = await loaded;
  const factory = { provider: 'postgres' as const, adapterName: 'gatehouse', connect: main, connectToShadowDb: shadow };
  const datamodels: [string, string][] = [['schema.prisma', 'datasource db {\n  provider = "postgresql"\n}\n']];
  const bound = bindMigrationAwareSqlAdapterFactory(factory);
  const engine = await SchemaEngine.new({ datamodels }, () => undefined, bound);
  // What the database said stays on this side: the engine knows it by a number only.
  const reasonOf = (error: unknown): unknown => {
    const id = /External error id#(\d+)/.exec(error instanceof Error ? error.message : String(error))?.[1];
    return id === undefined ? error : (bound.errorRegistry.consumeError(Number(id))?.error ?? error);
  };
  return { engine, reasonOf };
}

async function load(): Promise<Bindings> {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const { instance } = await WebAssembly.instantiate(await readFile(wasmFile()), { './schema_engine_bg.js': withLooseTimers(bindings) });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return bindings;
}

function wasmFile(): string {
  const bindings = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  return join(dirname(bindings), 'schema_engine_bg.wasm');
}

/** The engine leaves a 10-second timer behind, which would hold the process for as long. */
function withLooseTimers(bindings: Bindings): object {
  const loosened =
    (make: (...given: unknown[]) => NodeJS.Timeout) =>
    (...given: unknown[]) =>
      make(...given).unref();
  return Object.fromEntries(
    Object.entries(bindings).map(([name, value]) => [name, name.startsWith('__wbg_setTimeout_') ? loosened(value as never) : value]),
  );
}

function list(baseDir: string, migrations: readonly Migration[]): Engine.MigrationList {
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  };
}
