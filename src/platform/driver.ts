/**
 * The way of the hot path to the database: the driver itself, because what Prisma does between a statement and its rows costs more
 * than the database does. A server is given each statement by a name, and plans it once a connection. The name is made of the
 * statement itself: a pooler that lends a connection out without knowing what was named on it cannot give another one's.
 */
import { createHash } from 'node:crypto';
import type { Pool, QueryConfig } from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { inTime } from './database-patience.js';
import { errorCode } from './error-code.js';
import type { EmbeddedClient } from './embedded-client.js';

/** @property ask the rows, by the driver's own types: a timestamp is a Date, a bigint is not to be asked for */
export type Driver = { ask(statement: Prisma.Sql): Promise<unknown[]> };

/** A connection keeps what it was given by a name: texts that differ without end must not fill it. */
const mostNames = 200;

export class ServerDriver implements Driver {
  private readonly names = new Map<string, string>();

  constructor(private readonly pool: Pool) {}

  async ask({ text, values }: Prisma.Sql): Promise<unknown[]> {
    const name = this.nameOf(text);
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

  private nameOf(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= mostNames) return known;
    const name = `gatehouse_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
    this.names.set(text, name);
    return name;
  }
}

/** What was planned before a newer version migrated gives other types now; it was refused before it began. */
function isPlanOver(error: unknown): boolean {
  return errorCode(error) === '0A000';
}

export class EmbeddedDriver implements Driver {
  constructor(private readonly client: EmbeddedClient) {}

  async ask({ text, values }: Prisma.Sql): Promise<unknown[]> {
    return (await this.client.query(text, values)).rows;
  }
}
