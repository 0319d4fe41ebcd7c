/** Wrong recovery codes in a row: a counter of their own, charged before the comparison by one conditional statement. */
import { Inject, Injectable } from '@nestjs/common';
import { after, latestCredible } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { codeWait } from './domain/code-limits.js';

@Injectable()
export class RecoveryTriesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns whether a code is taken now: after every `untilWait` in a row there is a wait */
  async charge(userId: string, untilWait: number, now: Date): Promise<boolean> {
    const rows = await this.database.$queryRaw<{ failedInRow: number }[]>`
      INSERT INTO recovery_tries AS t (user_id, failed_in_row) VALUES (${userId}::uuid, 1)
      ON CONFLICT (user_id) DO UPDATE SET
        failed_in_row = t.failed_in_row + 1,
        waiting_until = CASE WHEN (t.failed_in_row + 1) % ${untilWait} = 0 THEN ${after(now, codeWait)}::timestamptz END
      WHERE t.waiting_until IS NULL OR t.waiting_until <= ${now}::timestamptz
        OR t.waiting_until > ${latestCredible(codeWait, now)}::timestamptz
      RETURNING failed_in_row AS "failedInRow"`;
    return rows.length === 1;
  }

  /** Gives a charged code back that could not be compared. */
  async refund(userId: string): Promise<void> {
    await this.database.recoveryTries.updateMany({
      where: { userId, failedInRow: { gt: 0 } },
      data: { failedInRow: { decrement: 1 }, waitingUntil: null },
    });
  }

  async clear(transaction: Transaction, userId: string): Promise<void> {
    await transaction.recoveryTries.deleteMany({ where: { userId } });
  }

  async findWaitingUntil(userId: string): Promise<Date | null> {
    return (await this.database.recoveryTries.findUnique({ where: { userId }, select: { waitingUntil: true } }))?.waitingUntil ?? null;
  }
}
