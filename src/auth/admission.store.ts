/** Links by which members admit a browser, the newest of each alone, as hashes; and the browser that was admitted last. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import type { MailedLink } from '../sessions/link-token.js';

type Claim = { readonly usedAt: Date; readonly browserKey: string; readonly admittedUntil: Date };

@Injectable()
export class AdmissionStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** In place of the member's link before; a browser that is admitted stays so. */
  async replaceLink(transaction: Transaction, { userId, ...link }: MailedLink): Promise<void> {
    const data = { ...link, usedAt: null };
    await transaction.admission.upsert({ where: { userId }, create: { userId, ...data }, update: data, select: { userId: true } });
  }

  /** @returns whose link it is, while it is open; one of somebody who is deactivated is not */
  async findOpen(tokenHash: string, now: Date): Promise<{ readonly userId: string; readonly username: string } | undefined> {
    const rows = await this.database.$queryRaw<{ userId: string; username: string }[]>`
      SELECT u.id AS "userId", u.username FROM admissions a JOIN users u ON u.id = a.user_id AND u.email = a.sent_to AND u.deactivated_at IS NULL
      WHERE a.token_hash = ${tokenHash} AND a.used_at IS NULL AND a.expires_at > ${now}::timestamptz`;
    return rows[0];
  }

  /**
   * Uses the link up for a browser.
   * @param sentTo the address that the member has now
   * @returns false when another post was first, or it is over
   */
  async claim(
    transaction: Transaction,
    { tokenHash, sentTo }: Pick<MailedLink, 'tokenHash' | 'sentTo'>,
    { usedAt, ...admitted }: Claim,
  ): Promise<boolean> {
    const where = { tokenHash, sentTo, usedAt: null, expiresAt: { gt: usedAt } };
    return (await transaction.admission.updateMany({ where, data: { usedAt, ...admitted } })).count === 1;
  }

  /** Who used this link since then, and for which browser. */
  async findUse(tokenHash: string, since: Date): Promise<{ readonly userId: string; readonly browserKey: string | null } | undefined> {
    const select = { userId: true, browserKey: true };
    return (await this.database.admission.findFirst({ where: { tokenHash, usedAt: { gt: since } }, select })) ?? undefined;
  }

  async sweep(before: Date): Promise<number> {
    const isOver = { OR: [{ admittedUntil: null }, { admittedUntil: { lte: before } }] };
    return (await this.database.admission.deleteMany({ where: { expiresAt: { lte: before }, ...isOver }, limit: sweptAtOnce })).count;
  }
}
