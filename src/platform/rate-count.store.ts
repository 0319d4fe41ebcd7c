/** Counters in fixed windows, raised by one conditional statement. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database } from './database.js';
import { sweptAtOnce } from './sweeper.js';

@Injectable()
export class RateCountStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * @returns whether there was room in the window; one that began by `startedBefore` is over, and so is one that begins after
   * `startedAfter`: a clock that was wrong wrote it
   */
  async take(
    key: string,
    { atMost, startedBefore, startedAfter }: { readonly atMost: number; readonly startedBefore: Date; readonly startedAfter: Date },
    now: Date,
  ): Promise<boolean> {
    const isOver = Prisma.sql`r.since <= ${startedBefore}::timestamptz OR r.since > ${startedAfter}::timestamptz`;
    const rows = await this.database.$queryRaw<{ key: string }[]>`
      INSERT INTO rate_counts AS r (key, count, since) VALUES (${key}, 1, ${now}::timestamptz)
      ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN ${isOver} THEN 1 ELSE r.count + 1 END,
        since = CASE WHEN ${isOver} THEN ${now}::timestamptz ELSE r.since END
      WHERE ${isOver} OR r.count < ${atMost}
      RETURNING key`;
    return rows.length === 1;
  }

  async findStart(key: string): Promise<Date | undefined> {
    return (await this.database.rateCount.findUnique({ where: { key }, select: { since: true } }))?.since;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.rateCount.deleteMany({ where: { since: { lte: before } }, limit: sweptAtOnce })).count;
  }
}
