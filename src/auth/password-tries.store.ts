/** Wrong passwords in rows. A try is charged before the password is compared, and given back when it was right. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { after, latestCredible } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { always, carryOut, type Parts, type Sql } from '../platform/statement.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import type { PasswordLimit } from './domain/password-limits.js';

export type Counter = { readonly key: string; readonly limit: PasswordLimit };
/** @property failed wrong passwords, this one and those that are being compared included */
export type Charged = { readonly key: string; readonly failed: number };
/** @property pending of the wrong passwords, those that are being compared now */
export type Waiting = { readonly key: string; readonly until: Date; readonly failed: number; readonly pending: number };

@Injectable()
export class PasswordTriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Charges every counter in one statement. @returns those that were charged: one that is waiting is not among them */
  async charge(counters: readonly Counter[], now: Date): Promise<readonly Charged[]> {
    return this.database.ask<Charged>(Prisma.sql`
      INSERT INTO password_tries AS t (key, failed, pending, since)
      VALUES ${Prisma.join(inKeyOrder(counters).map(({ key }) => Prisma.sql`(${key}, 1, 1, ${now}::timestamptz)`))}
      ON CONFLICT (key) DO UPDATE SET
        pending = CASE WHEN ${isForgotten(counters, now)} OR t.waiting_until IS NOT NULL THEN 1 ELSE t.pending + 1 END,
        failed = CASE WHEN ${isForgotten(counters, now)} THEN 1 ELSE t.failed + 1 END,
        since = CASE WHEN ${isForgotten(counters, now)} THEN EXCLUDED.since ELSE t.since END,
        waiting_until = CASE WHEN ${isForgotten(counters, now)} THEN NULL ELSE ${waitAfter(counters, now)} END
      WHERE t.waiting_until IS NULL OR t.waiting_until <= ${now}::timestamptz OR ${isIncredible(counters, now)}
      RETURNING key, failed`);
  }

  /** The password was compared and wrong: the charge stays. */
  async settle(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.database.$executeRaw`
      UPDATE password_tries AS t SET pending = GREATEST(t.pending - 1, 0) FROM ${lockedRows(keys)} AS locked WHERE t.key = locked.key`;
  }

  /** Gives a charge back: the try was refused by another counter, was not compared, or was right. */
  async refund(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    // A row of which nothing is left is gone: who waits at one counter must not fill the table with names and be refused.
    await this.database.$executeRaw`
      WITH locked AS MATERIALIZED ${lockedRows(keys)},
        gone AS (DELETE FROM password_tries AS t USING locked WHERE t.key = locked.key AND t.failed = 1 AND t.pending = 1)
      UPDATE password_tries AS t SET ${oneLess} FROM locked WHERE t.key = locked.key AND t.failed > 1 AND t.pending > 0`;
  }

  /** A right password: these counters begin anew, and those get its charge back. */
  async clear(keys: readonly string[], refunded: readonly string[] = []): Promise<void> {
    if (keys.length + refunded.length > 0) await carryOut(this.database, this.clearing(keys, refunded, always), ['counted']);
  }

  /** Parts that do the same. */
  clearing(keys: readonly string[], refunded: readonly string[], when: Sql): Parts {
    const [gone, kept] = [among(keys), among(refunded)];
    return {
      counted: Prisma.sql`SELECT key FROM password_tries WHERE ${among([...keys, ...refunded])} AND ${when} ORDER BY key COLLATE "C" FOR UPDATE`,
      cleared: Prisma.sql`DELETE FROM password_tries WHERE ${gone} AND key IN (SELECT key FROM counted)`,
      refunded: Prisma.sql`
        UPDATE password_tries AS t SET ${oneLess}
        WHERE ${kept} AND key IN (SELECT key FROM counted) AND t.failed > 0 AND t.pending > 0`,
    };
  }

  /** @param group what the keys begin with, before a colon */
  async clearAllOf(group: string): Promise<void> {
    // A range, which the index serves, from the colon to the sign that follows it.
    await this.database.$executeRaw`
      WITH locked AS MATERIALIZED (
        SELECT key FROM password_tries WHERE key COLLATE "C" >= ${`${group}:`} AND key COLLATE "C" < ${`${group};`}
        ORDER BY key COLLATE "C" FOR UPDATE)
      DELETE FROM password_tries AS t USING locked WHERE t.key = locked.key`;
  }

  async findWaiting(counters: readonly Counter[], now: Date): Promise<readonly Waiting[]> {
    const waits = counters.map(({ key, limit }) => ({ key, waitingUntil: { gt: now, lte: latestCredible(limit.longestWait, now) } }));
    const select = { key: true, waitingUntil: true, failed: true, pending: true };
    const rows = await this.database.passwordTries.findMany({ where: { OR: waits }, select });
    return rows.flatMap(({ waitingUntil, ...row }) => (waitingUntil ? [{ ...row, until: waitingUntil }] : []));
  }

  /** @param keyPrefix of the counters that are forgotten when they began `before` */
  async sweep(keyPrefix: string, before: Date, now: Date): Promise<number> {
    const isOver = { OR: [{ waitingUntil: null }, { waitingUntil: { lte: now } }] };
    return (
      await this.database.passwordTries.deleteMany({
        where: { key: { startsWith: keyPrefix }, since: { lte: before }, ...isOver },
        limit: sweptAtOnce,
      })
    ).count;
  }
}

export function keysOf(counters: readonly { readonly key: string }[]): string[] {
  return counters.map(({ key }) => key);
}

/** The rows, taken in the order of their keys as the charge takes them, byte by byte: two posts cannot wait for each other. */
function lockedRows(keys: readonly string[]): Prisma.Sql {
  return Prisma.sql`(SELECT key FROM password_tries WHERE key IN (${Prisma.join([...keys])}) ORDER BY key COLLATE "C" FOR UPDATE)`;
}

/** Not an array, for which PostgreSQL would plan anew each time. */
function among(keys: readonly string[]): Sql {
  return keys.length > 0 ? Prisma.sql`key IN (${Prisma.join([...keys])})` : Prisma.sql`FALSE`;
}

const oneLess = Prisma.sql`failed = t.failed - 1, pending = t.pending - 1, waiting_until = NULL`;

function inKeyOrder(counters: readonly Counter[]): Counter[] {
  return [...counters].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** A counter's row starts anew when it is older than its limit remembers. */
function isForgotten(counters: readonly Counter[], now: Date): Prisma.Sql {
  // Or when it is from a time that has not come: a clock that was wrong wrote it.
  const cases = counters.map(({ key, limit: { forgottenAfter } }) => {
    const [oldest, latest] = [after(now, -forgottenAfter), after(now, forgottenAfter)];
    return Prisma.sql`WHEN ${key} THEN t.since <= ${oldest}::timestamptz OR t.since > ${latest}::timestamptz`;
  });
  return Prisma.sql`CASE t.key ${Prisma.join(cases, ' ')} END`;
}

/** A wait that no clock which is right has set. */
function isIncredible(counters: readonly Counter[], now: Date): Prisma.Sql {
  const cases = counters.map(
    ({ key, limit }) => Prisma.sql`WHEN ${key} THEN t.waiting_until > ${latestCredible(limit.longestWait, now)}::timestamptz`,
  );
  return Prisma.sql`CASE t.key ${Prisma.join(cases, ' ')} END`;
}

/** Nothing while tries are free, then the first wait, doubled with each further try up to the longest. */
function waitAfter(counters: readonly Counter[], now: Date): Prisma.Sql {
  const cases = counters.map(({ key, limit: { free, firstWait, longestWait } }) => {
    const milliseconds = Prisma.sql`LEAST(${longestWait}::float8, ${firstWait}::float8 * power(2, LEAST(t.failed + 1 - ${free}::int, 30)))`;
    return Prisma.sql`WHEN ${key} THEN CASE WHEN t.failed + 1 >= ${free}::int THEN ${now}::timestamptz + ${milliseconds} * interval '1 millisecond' END`;
  });
  return Prisma.sql`CASE t.key ${Prisma.join(cases, ' ')} END`;
}
