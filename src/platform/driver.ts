/**
 * The way of the hot path to the database: the driver itself, because what Prisma does between a statement and its rows costs more
 * than the database does. A server is given each statement by a name, and plans it once a connection.
 */
import type { Pool } from 'pg';
import type { Prisma } from '../generated/prisma/client.js';
import { inTime } from './database-patience.js';
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
    const { rows } = await inTime(() => this.pool.query<object>({ ...(name !== undefined && { name }), text, values }));
    return rows;
  }

  private nameOf(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= mostNames) return known;
    const name = `gatehouse_${this.names.size}`;
    this.names.set(text, name);
    return name;
  }
}

export class EmbeddedDriver implements Driver {
  constructor(private readonly client: EmbeddedClient) {}

  async ask({ text, values }: Prisma.Sql): Promise<unknown[]> {
    return (await this.client.query(text, values)).rows;
  }
}
