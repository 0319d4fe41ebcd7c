/** Wrong codes in a row by user. A code is charged before it is compared, by one conditional statement. */
import { Inject, Injectable } from '@nestjs/common';
import { after, latestCredible } from '../platform/clock.js';
import { Prisma } from '../generated/prisma/client.js';
import { askIn, Database, type Transaction } from '../platform/database.js';
import { always, ifAny, type Sql } from '../platform/statement.js';
import { type CodeLimits, codeWait } from './domain/code-limits.js';

export type Standing = { readonly state: 'open' } | { readonly state: 'waiting'; readonly until: Date } | { readonly state: 'closed' };

/** @property inRow null when none is taken now @property isCounted false when the challenge has had its codes, or is over */
export type ChargedCode = { readonly inRow: number | null; readonly isCounted: boolean };

@Injectable()
export class CodeTriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** A part: gives the codes charged in a row, this one included, as `failed`; no row when none is taken now. */
  charging(userId: string, { untilWait, untilClosed }: CodeLimits, now: Date): Sql {
    const latest = latestCredible(codeWait, now);
    return Prisma.sql`
      INSERT INTO code_tries AS t (user_id, failed_in_row) VALUES (${userId}::uuid, 1)
      ON CONFLICT (user_id) DO UPDATE SET
        failed_in_row = t.failed_in_row + 1,
        waiting_until = CASE WHEN t.failed_in_row + 1 = ${untilWait}::int THEN ${after(now, codeWait)}::timestamptz
          WHEN t.waiting_until <= ${latest}::timestamptz THEN t.waiting_until END,
        closed_at = CASE WHEN t.failed_in_row + 1 >= ${untilClosed}::int THEN ${now}::timestamptz END
      WHERE t.closed_at IS NULL AND (t.waiting_until IS NULL OR t.waiting_until <= ${now}::timestamptz
        OR t.waiting_until > ${latest}::timestamptz)
      RETURNING failed_in_row AS failed`;
  }

  /**
   * Charges a code to the member and to their challenge.
   * @param counting the part that counts it in the challenge; it hangs on `charged`
   */
  async charge(charging: Sql, counting: Sql): Promise<ChargedCode> {
    const [charged] = await this.database.ask<ChargedCode>(Prisma.sql`
      WITH charged AS (${charging}), counted AS (${counting})
      SELECT (SELECT failed FROM charged) AS "inRow", ${ifAny('counted')} AS "isCounted"`);
    return charged ?? { inRow: null, isCounted: false };
  }

  /** Gives a charged code back that could not be compared. */
  async refund(userId: string, { untilWait }: CodeLimits): Promise<void> {
    await this.database.$executeRaw`
      UPDATE code_tries SET
        failed_in_row = failed_in_row - 1,
        waiting_until = CASE WHEN failed_in_row = ${untilWait} THEN NULL ELSE waiting_until END,
        closed_at = NULL
      WHERE user_id = ${userId}::uuid AND failed_in_row > 0`;
  }

  /** A right code ends the row of failures. @returns whether the second factor was closed */
  async clear(transaction: Transaction, userId: string): Promise<boolean> {
    const rows = await askIn<{ wasClosed: boolean }>(transaction, this.clearing(userId, always));
    return rows.some(({ wasClosed }) => wasClosed);
  }

  /** A part: the same. */
  clearing(userId: string, when: Sql): Sql {
    return Prisma.sql`DELETE FROM code_tries WHERE user_id = ${userId}::uuid AND ${when} RETURNING closed_at IS NOT NULL AS "wasClosed"`;
  }

  /** A part: holds the row, if there is one. */
  holding(userId: string, when: Sql): Sql {
    return Prisma.sql`SELECT user_id FROM code_tries WHERE user_id = ${userId}::uuid AND ${when} FOR UPDATE`;
  }

  async findStanding(userId: string, now: Date): Promise<Standing> {
    const [row] = await this.database.ask<{ readonly closedAt: Date | null; readonly waitingUntil: Date | null }>(
      Prisma.sql`SELECT closed_at AS "closedAt", waiting_until AS "waitingUntil" FROM code_tries WHERE user_id = ${userId}::uuid`,
    );
    if (row?.closedAt) return { state: 'closed' };
    const isWaiting = row?.waitingUntil && row.waitingUntil > now && row.waitingUntil <= latestCredible(codeWait, now);
    return isWaiting && row.waitingUntil ? { state: 'waiting', until: row.waitingUntil } : { state: 'open' };
  }
}
