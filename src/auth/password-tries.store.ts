/** Wrong passwords in rows. A try is charged before the password is compared, and given back when it was right. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { after } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import type { PasswordLimit } from './domain/password-limits.js';

export type Counter = { readonly key: string; readonly limit: PasswordLimit };

@Injectable()
export class PasswordTriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Charges every counter in one statement. @returns the keys that were charged: one that is waiting is not among them */
  async charge(counters: readonly Counter[], now: Date): Promise<readonly string[]> {
    const rows = await this.database.$queryRaw<{ key: string }[]>`
      INSERT INTO password_tries AS t (key, failed, since)
      VALUES ${Prisma.join(counters.map(({ key }) => Prisma.sql`(${key}, 1, ${now}::timestamptz)`))}
      ON CONFLICT (key) DO UPDATE SET
        failed = CASE WHEN ${isForgotten(counters, now)} THEN 1 ELSE t.failed + 1 END,
        since = CASE WHEN ${isForgotten(counters, now)} THEN EXCLUDED.since ELSE t.since END,
        waiting_until = CASE WHEN ${isForgotten(counters, now)} THEN NULL ELSE ${waitAfter(counters, now)} END
      WHERE t.waiting_until IS NULL OR t.waiting_until <= ${now}::timestamptz
      RETURNING key`;
    return rows.map(({ key }) => key);
  }

  /** Gives a charge back: the try was refused by another counter, was not compared, or was right. */
  async refund(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.database.passwordTries.updateMany({
      where: { key: { in: [...keys] }, failed: { gt: 0 } },
      data: { failed: { decrement: 1 }, waitingUntil: null },
    });
  }

  async clear(keys: readonly string[]): Promise<void> {
    await this.database.passwordTries.deleteMany({ where: { key: { in: [...keys] } } });
  }

  async clearAllOf(keyPrefix: string): Promise<void> {
    await this.database.passwordTries.deleteMany({ where: { key: { startsWith: keyPrefix } } });
  }

  /** The latest instant that one of the counters waits for. */
  async findWait(keys: readonly string[], now: Date): Promise<Date | undefined> {
    const row = await this.database.passwordTries.findFirst({
      where: { key: { in: [...keys] }, waitingUntil: { gt: now } },
      orderBy: { waitingUntil: 'desc' },
      select: { waitingUntil: true },
    });
    return row?.waitingUntil ?? undefined;
  }

  async sweep(before: Date): Promise<number> {
    return (
      await this.database.passwordTries.deleteMany({
        where: { since: { lte: before }, OR: [{ waitingUntil: null }, { waitingUntil: { lte: before } }] },
      })
    ).count;
  }
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
