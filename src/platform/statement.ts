/**
 * One statement of several parts, each written by the store whose table it is: they hold together or not at all, and take one way
 * to the database. A part that changes rows hangs on another one by name, and so comes after it; all of them see the rows as they
 * stood when the statement began, so what must not have changed meanwhile is asked for by the part that holds the lock.
 */
import { Prisma } from '../generated/prisma/client.js';
import { askIn, type Transaction } from './database.js';

export type Sql = Prisma.Sql;
/** By name, as common table expressions. */
export type Parts = Readonly<Record<string, Sql>>;

/** @returns which of the parts that are asked for gave a row: what hangs on them was done then */
export async function carryOut(transaction: Transaction, parts: Parts, asked: readonly string[]): Promise<ReadonlySet<string>> {
  const tables = Object.entries(parts).map(([name, part]) => Prisma.sql`${named(name)} AS (${part})`);
  const answers = asked.map((name) => Prisma.sql`${ifAny(name)} AS ${named(name)}`);
  const [done = {}] = await askIn<Readonly<Record<string, boolean>>>(
    transaction,
    Prisma.sql`WITH ${Prisma.join(tables)} SELECT ${Prisma.join(answers)}`,
  );
  return new Set(asked.filter((name) => done[name]));
}

/** Each time, somebody else changed what was read, at that moment. */
const mostTurns = 50;

/**
 * Reads and carries out once more while what was read stands no more by then.
 * @param turn reads, and resolves to `moved` when its statement did nothing for that
 */
export async function untilItStands<Result>(turn: () => Promise<Result | 'moved'>): Promise<Result> {
  for (let turns = 0; turns < mostTurns; turns += 1) {
    const result = await turn();
    if (result !== 'moved') return result;
  }
  throw new Error('what a statement stands on was another one each time it was read');
}

/** The condition that the part `name` was carried out before, whether it gave a row or not. */
export function afterPart(name: string): Sql {
  return Prisma.sql`(SELECT count(*) FROM ${named(name)}) >= 0`;
}

/** The condition that the part `name` gave a row. */
export function ifAny(name: string): Sql {
  return Prisma.sql`EXISTS (SELECT FROM ${named(name)})`;
}

export function allOf(...conditions: readonly [Sql, ...Sql[]]): Sql {
  return Prisma.join(conditions, ' AND ');
}

export const always: Sql = Prisma.sql`TRUE`;

/** @throws Error for anything but a plain word: names are constants of ours, and nothing that somebody typed */
export function named(part: string): Sql {
  if (!/^[a-z]+$/.test(part)) throw new Error(`${part} is no name of a part`);
  // eslint-disable-next-line no-restricted-syntax -- a word, by the line above
  return Prisma.raw(part);
}
