/** Prisma's driver adapters run a script in parts (pg) or without waiting for it (PGlite): this puts another way in that place. */
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';

/** @param executeScript runs the whole script in one transaction, and fails when it fails */
export function withScripts(adapter: SqlDriverAdapter, executeScript: (script: string) => Promise<void>): SqlDriverAdapter {
  return new Proxy(adapter, {
    get: (target, name) => {
      if (name === 'executeScript') return executeScript;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
