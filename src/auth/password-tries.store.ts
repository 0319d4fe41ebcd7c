/** Wrong passwords in rows. A try is charged before the password is compared, and given back when it was right. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { after } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import type { PasswordLimit } from './domain/password-limits.js';

/** @property isBeingCompared the wait may be the charge of a password that turns out right */
export type Waiting = { readonly until: Date; readonly isBeingCompared: boolean };
export type Counter = { readonly key: string; readonly limit: PasswordLimit };

@Injectable()
export class PasswordTriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Charges every counter in one statement. @returns the keys that were charged: one that is waiting is not among them */
  async charge(counters: readonly Counter[], now: Date): Promise<readonly string[]> {
    const rows = await this.database.$queryRaw<{ key: string }[]>`
      INSERT INTO password_tries AS t (key, failed, pending, since)
      VALUES ${Prisma.join(inKeyOrder(counters).map(({ key }) => Prisma.sql`(${key}, 1, 1, ${now}::timestamptz)`))}
      ON CONFLICT (key) DO UPDATE SET
        pending = CASE WHEN ${isForgotten(counters, now)} OR t.waiting_until IS NOT NULL THEN 1 ELSE t.pending + 1 END,
        failed = CASE WHEN ${isForgotten(counters, now)} THEN 1 ELSE t.failed + 1 END,
        since = CASE WHEN ${isForgotten(counters, now)} THEN EXCLUDED.since ELSE t.since END,
        waiting_until = CASE WHEN ${isForgotten(counters, now)} THEN NULL ELSE ${waitAfter(counters, now)} END
      WHERE t.waiting_until IS NULL OR t.waiting_until <= ${now}::timestamptz
      RETURNING key`;
    return rows.map(({ key }) => key);
  }

  /** The password was compared and wrong: the charge stays. */
  async settle(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.database.$executeRaw`
      UPDATE password_tries AS t SET pending = GREATEST(t.pending - 1, 0) FROM ${locked(keys)} WHERE t.key = locked.key`;
  }

  /** Gives a charge back: the try was refused by another counter, was not compared, or was right. */
  async refund(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.database.$executeRaw`
      UPDATE password_tries AS t SET failed = t.failed - 1, pending = t.pending - 1, waiting_until = NULL
      FROM ${locked(keys)} WHERE t.key = locked.key AND t.failed > 0 AND t.pending > 0`;
  }

  async clear(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.database.$executeRaw`DELETE FROM password_tries AS t USING ${locked(keys)} WHERE t.key = locked.key`;
  }

  async clearAllOf(keyPrefix: string): Promise<void> {
    await this.database.passwordTries.deleteMany({ where: { key: { startsWith: keyPrefix } } });
  }

  /** The counter that waits longest. */
  async findWaiting(keys: readonly string[], now: Date): Promise<Waiting | undefined> {
    const row = await this.database.passwordTries.findFirst({
      where: { key: { in: [...keys] }, waitingUntil: { gt: now } },
      orderBy: [{ pending: 'asc' }, { waitingUntil: 'desc' }],
      select: { waitingUntil: true, pending: true },
    });
    return row?.waitingUntil ? { until: row.waitingUntil, isBeingCompared: row.pending > 0 } : undefined;
  }

  async sweep(before: Date): Promise<number> {
    return (
      await this.database.passwordTries.deleteMany({
        where: { since: { lte: before }, OR: [{ waitingUntil: null }, { waitingUntil: { lte: before } }] },
      })
    ).count;
  }
}

/** The rows, taken in the order of their keys as the charge takes them: two posts cannot wait for each other. */
function locked(keys: readonly string[]): Prisma.Sql {
  return Prisma.sql`(SELECT key FROM password_tries WHERE key IN (${Prisma.join([...keys])}) ORDER BY key FOR UPDATE) AS locked`;
}

function inKeyOrder(counters: readonly Counter[]): Counter[] {
  return [...counters].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** A counter's row starts anew when it is older than its limit remembers. */
function isForgotten(counters: readonly Counter[], now: Date): Prisma.Sql {
  const cases = counters.map(({ key, limit }) => Prisma.sql`WHEN ${key} THEN t.since <= ${after(now, -limit.forgottenAfter)}::timestamptz`);
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
