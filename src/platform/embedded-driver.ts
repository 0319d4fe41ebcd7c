/**
 * The way of the hot path to the embedded database. PGlite's own `query` parses and plans a statement each time, which takes five
 * times as long as to carry it out: so it is asked in PostgreSQL's own protocol, by a name.
 */
import { parse, type PGlite, protocol } from '@electric-sql/pglite';
import type { Prisma } from '../generated/prisma/client.js';
import type { Driver } from './driver.js';
import type { ReopeningClient } from './embedded-client.js';
import { StatementNames } from './statement-names.js';

const { bind, close, describe, execute, parse: prepare, sync } = protocol.serialize;

/**
 * How often a plan is used. It is made for the tables as they are, and what is best for an empty one reads all of a large one: a
 * server makes its plans anew as a table grows, because it counts rows in the background. Nobody does so here.
 */
const mostUses = 500;

/** @property types of the parameters, as PostgreSQL's catalogue numbers them */
type Prepared = { readonly types: readonly number[]; uses: number };

export class EmbeddedDriver implements Driver {
  private readonly names = new StatementNames();
  /** What a name stands for is kept by one PGlite, and is gone with it. */
  private readonly prepared = new WeakMap<PGlite, Map<string, Prepared>>();

  constructor(private readonly client: ReopeningClient) {}

  async ask({ text, values }: Prisma.Sql): Promise<unknown[]> {
    const name = this.names.of(text);
    if (name === undefined) return (await this.client.query(text, values)).rows;
    const pglite = await this.client.ready();
    await pglite._checkReady();
    // As its `query` does: behind the transaction that is open, and not within it.
    return pglite._runExclusiveTransaction(() =>
      pglite._runExclusiveQuery(async () => {
        const types = await this.typesOf(pglite, name, text);
        const bound = values.map((value, index) => serialized(pglite, value, types[index]));
        const answer = await send(pglite, bind({ statement: name, values: bound }), describe({ type: 'P' }), execute());
        return parse.parseResults(answer, pglite.parsers).flatMap(({ rows }) => rows);
      }),
    );
  }

  private async typesOf(pglite: PGlite, name: string, text: string): Promise<readonly number[]> {
    const prepared = this.preparedBy(pglite);
    const known = prepared.get(name);
    if (known && known.uses < mostUses) {
      known.uses += 1;
      return known.types;
    }
    prepared.delete(name);
    const statement = { type: 'S', name } as const;
    const types = parse.parseDescribeStatementResults(await send(pglite, close(statement), prepare({ name, text }), describe(statement)));
    prepared.set(name, { types, uses: 1 });
    return types;
  }

  private preparedBy(pglite: PGlite): Map<string, Prepared> {
    const known = this.prepared.get(pglite);
    if (known) return known;
    const none = new Map<string, Prepared>();
    this.prepared.set(pglite, none);
    return none;
  }
}

async function send(pglite: PGlite, ...messages: readonly Uint8Array[]): ReturnType<PGlite['execProtocolStream']> {
  return pglite.execProtocolStream(Buffer.concat([...messages, sync()]));
}

function serialized(pglite: PGlite, value: unknown, type: number | undefined): string | null {
  if (value === null || value === undefined) return null;
  const serialize = (type === undefined ? undefined : pglite.serializers[type]) ?? String;
  return serialize(value);
}
