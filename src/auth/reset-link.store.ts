/** Links by which members choose a new password: the newest of each alone, as hashes. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import type { MailedLink } from '../sessions/link-token.js';

@Injectable()
export class ResetLinkStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** In place of the member's link before. */
  async replace(transaction: Transaction, { userId, ...link }: MailedLink): Promise<void> {
    const data = { ...link, usedAt: null };
    await transaction.resetLink.upsert({ where: { userId }, create: { userId, ...data }, update: data, select: { userId: true } });
  }

  /** @returns whose link it is, while it is open */
  async findOpen(tokenHash: string, now: Date): Promise<string | undefined> {
    const where = { tokenHash, usedAt: null, expiresAt: { gt: now } };
    const select = { userId: true, sentTo: true, user: { select: { email: true } } };
    const link = await this.database.resetLink.findFirst({ where, select });
    return link && link.sentTo === link.user.email ? link.userId : undefined;
  }

  /**
   * Uses the link up.
   * @param sentTo the address that the member has now
   * @returns false when another post was first, or it is over
   */
  async claim(transaction: Transaction, { tokenHash, sentTo }: Pick<MailedLink, 'tokenHash' | 'sentTo'>, usedAt: Date): Promise<boolean> {
    const where = { tokenHash, sentTo, usedAt: null, expiresAt: { gt: usedAt } };
    return (await transaction.resetLink.updateMany({ where, data: { usedAt } })).count === 1;
  }

  /** Whether the member's link is as new as that, went to the address that they have now, and was not used. */
  async wasSentSince(transaction: Transaction, { userId, sentTo }: Pick<MailedLink, 'userId' | 'sentTo'>, since: Date): Promise<boolean> {
    return (await transaction.resetLink.count({ where: { userId, sentTo, usedAt: null, createdAt: { gt: since } } })) > 0;
  }

  async wasUsedSince(tokenHash: string, since: Date): Promise<boolean> {
    return (await this.database.resetLink.count({ where: { tokenHash, usedAt: { gt: since } } })) > 0;
  }

  async end(transaction: Transaction, userId: string): Promise<void> {
    await transaction.resetLink.deleteMany({ where: { userId } });
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.resetLink.deleteMany({ where: { expiresAt: { lte: before } }, limit: sweptAtOnce })).count;
  }
}
