/** The codes of a challenge, counted in its session's row and only while the cookie is the one that the code came with. */
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';
import type { Current } from './session.store.js';

@Injectable()
export class ChallengeCodesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns false when `limit` codes were charged already, or the cookie was rotated */
  async charge({ id, tokenHash }: Current, limit: number): Promise<boolean> {
    const { count } = await this.database.session.updateMany({
      where: { id, tokenHash, failedCodes: { lt: limit } },
      data: { failedCodes: { increment: 1 } },
    });
    return count === 1;
  }

  async refund({ id, tokenHash }: Current): Promise<void> {
    await this.database.session.updateMany({ where: { id, tokenHash, failedCodes: { gt: 0 } }, data: { failedCodes: { decrement: 1 } } });
  }

  /** Undefined when the cookie was rotated or the challenge is over. */
  async count({ id, tokenHash }: Current): Promise<number | undefined> {
    const row = await this.database.session.findUnique({ where: { id, tokenHash }, select: { failedCodes: true } });
    return row?.failedCodes;
  }
}
