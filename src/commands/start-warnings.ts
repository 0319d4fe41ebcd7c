/** What the start tells the operator on stderr, and starts all the same. */
import type { Config } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { isDatabaseSafe } from '../platform/database-tls.js';
import { poolSize } from '../platform/server-adapter.js';

export function warnAboutDatabase({ NODE_ENV, DATABASE_URL, WEB_CONCURRENCY }: Config): void {
  if (DATABASE_URL === undefined && WEB_CONCURRENCY > 1) warn(oneProcess);
  if (NODE_ENV !== 'production') return;
  if (DATABASE_URL === undefined) warn(embedded);
  else if (!isDatabaseSafe(DATABASE_URL)) warn(inClear);
}

/** Processes that find no connection answer 503, and only when many people come at once. */
export async function warnAboutConnections(database: Database, processes: number): Promise<void> {
  const rows = await database.$queryRaw<{ most: number }[]>`
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
      - coalesce(current_setting('reserved_connections', true)::int, 0) AS most`;
  const most = rows[0]?.most ?? Infinity;
  const wanted = processes * poolSize;
  if (wanted > most) warn(`WEB_CONCURRENCY=${processes} may open ${wanted} connections, and the database has ${most}`);
}

function warn(what: string): void {
  process.stderr.write(`gatehouse: warning: ${what}\n`);
}

const oneProcess = 'WEB_CONCURRENCY counts with a PostgreSQL server alone: the embedded database is served by one process';
const embedded =
  'the embedded database is not safe against a power cut and serves one process only: set DATABASE_URL to a PostgreSQL server';
const inClear =
  'DATABASE_URL asks for no checked certificate: add sslmode=verify-full, unless nobody else is on the network between here and there';
