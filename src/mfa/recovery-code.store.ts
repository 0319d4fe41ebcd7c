/** The recovery codes of a member: the newest set alone, as hashes. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';

/** @property madeAt null: there never were any, or they were taken away */
export type RecoveryStanding = { readonly left: number; readonly madeAt: Date | null };

@Injectable()
export class RecoveryCodeStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** In place of the set before. */
  async replace(transaction: Transaction, userId: string, codeHashes: readonly string[], createdAt: Date): Promise<void> {
    await this.removeAll(transaction, userId);
    await transaction.recoveryCode.createMany({ data: codeHashes.map((codeHash) => ({ userId, codeHash, createdAt })) });
  }

  /** Uses a code up: the member's own, and once. @returns false when it is not theirs, or was used */
  async claim(transaction: Transaction, { userId, codeHash, at }: { userId: string; codeHash: string; at: Date }): Promise<boolean> {
    const { count } = await transaction.recoveryCode.updateMany({ where: { userId, codeHash, usedAt: null }, data: { usedAt: at } });
    return count === 1;
  }

  async removeAll(transaction: Transaction, userId: string): Promise<void> {
    await transaction.recoveryCode.deleteMany({ where: { userId } });
  }

  async findStanding(transaction: Transaction, userId: string): Promise<RecoveryStanding> {
    const [left, newest] = [
      await transaction.recoveryCode.count({ where: { userId, usedAt: null } }),
      await transaction.recoveryCode.findFirst({ where: { userId }, orderBy: { createdAt: 'desc' }, select: { createdAt: true } }),
    ];
    return { left, madeAt: newest?.createdAt ?? null };
  }

  standingOf(userId: string): Promise<RecoveryStanding> {
    return this.findStanding(this.database, userId);
  }
}
