/** The codes of a challenge, counted in its session's row and only while the cookie is the one that the code came with. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database } from '../platform/database.js';
import type { Sql } from '../platform/statement.js';
import type { Current } from './session.store.js';

@Injectable()
export class ChallengeCodesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** A part: gives no row when `limit` codes were charged already, or the cookie was rotated. */
  charging({ id, tokenHash }: Current, limit: number, when: Sql): Sql {
    return Prisma.sql`
      UPDATE sessions SET failed_codes = failed_codes + 1
      WHERE id = ${id}::uuid AND token_hash = ${tokenHash} AND failed_codes < ${limit}::int AND ${when} RETURNING id`;
  }

  async refund({ id, tokenHash }: Current): Promise<void> {
    await this.database.session.updateMany({ where: { id, tokenHash, failedCodes: { gt: 0 } }, data: { failedCodes: { decrement: 1 } } });
  }

  /**
   * Ends the session when `limit` codes were charged, unless its cookie was rotated: a right one among them was faster.
   * @returns whether it did
   */
  async endSpent({ id, tokenHash }: Current, limit: number): Promise<boolean> {
    return (await this.database.session.deleteMany({ where: { id, tokenHash, failedCodes: { gte: limit } } })).count === 1;
  }

  /** Undefined when the cookie was rotated or the challenge is over. */
  async count({ id, tokenHash }: Current): Promise<number | undefined> {
    const row = await this.database.session.findUnique({ where: { id, tokenHash }, select: { failedCodes: true } });
    return row?.failedCodes;
  }
}
