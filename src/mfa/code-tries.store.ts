/** Wrong codes in a row by user. A code is charged before it is compared, by one conditional statement. */
import { Inject, Injectable } from '@nestjs/common';
import { after, latestCredible } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { type CodeLimits, codeWait } from './domain/code-limits.js';

export type Standing = { readonly state: 'open' } | { readonly state: 'waiting'; readonly until: Date } | { readonly state: 'closed' };

@Injectable()
export class CodeTriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns the codes charged in a row, this one included; undefined when none is taken now */
  async charge(userId: string, { untilWait, untilClosed }: CodeLimits, now: Date): Promise<number | undefined> {
    const rows = await this.database.$queryRaw<{ failedInRow: number }[]>`
      INSERT INTO code_tries AS t (user_id, failed_in_row) VALUES (${userId}::uuid, 1)
      ON CONFLICT (user_id) DO UPDATE SET
        failed_in_row = t.failed_in_row + 1,
        waiting_until = CASE WHEN t.failed_in_row + 1 = ${untilWait} THEN ${after(now, codeWait)}::timestamptz
          WHEN t.waiting_until <= ${latestCredible(codeWait, now)}::timestamptz THEN t.waiting_until END,
        closed_at = CASE WHEN t.failed_in_row + 1 >= ${untilClosed} THEN ${now}::timestamptz END
      WHERE t.closed_at IS NULL AND (t.waiting_until IS NULL OR t.waiting_until <= ${now}::timestamptz
        OR t.waiting_until > ${latestCredible(codeWait, now)}::timestamptz)
      RETURNING failed_in_row AS "failedInRow"`;
    return rows[0]?.failedInRow;
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
    const rows = await transaction.$queryRaw<{ wasClosed: boolean }[]>`
      DELETE FROM code_tries WHERE user_id = ${userId}::uuid RETURNING closed_at IS NOT NULL AS "wasClosed"`;
    return rows.some(({ wasClosed }) => wasClosed);
  }

  async findStanding(userId: string, now: Date): Promise<Standing> {
    const row = await this.database.codeTries.findUnique({ where: { userId }, select: { closedAt: true, waitingUntil: true } });
    if (row?.closedAt) return { state: 'closed' };
    const isWaiting = row?.waitingUntil && row.waitingUntil > now && row.waitingUntil <= latestCredible(codeWait, now);
    return isWaiting && row.waitingUntil ? { state: 'waiting', until: row.waitingUntil } : { state: 'open' };
  }
}
