/**
 * The way of the hot path to the database: the driver itself, because what Prisma does between a statement and its rows costs more
 * than the database does. A server is given each statement by a name, and plans it once a connection. The name is made of the
 * statement itself: a pooler that lends a connection out without knowing what was named on it cannot give another one's.
 */
import type { Pool, QueryConfig } from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { inTime } from './database-patience.js';
import { errorCode } from './error-code.js';
import { StatementNames } from './statement-names.js';

/** @property ask the rows, by the driver's own types: a timestamp is a Date, a bigint is not to be asked for */
export type Driver = { ask(statement: Prisma.Sql): Promise<unknown[]> };

export class ServerDriver implements Driver {
  private readonly names = new StatementNames();

  constructor(private readonly pool: Pool) {}

  async ask({ text, values }: Prisma.Sql): Promise<unknown[]> {
    const name = this.names.of(text);
    try {
      return await this.send({ ...(name !== undefined && { name }), text, values });
    } catch (error) {
      if (name === undefined || !isPlanOver(error)) throw error;
      return this.send({ text, values });
    }
  }

  private async send(statement: QueryConfig): Promise<unknown[]> {
    return (await inTime(() => this.pool.query<object>(statement))).rows;
  }
}

/** What was planned before a newer version migrated gives other types now; it was refused before it began. */
function isPlanOver(error: unknown): boolean {
  return errorCode(error) === '0A000';
}
