/** The one-time links to the set-up page. They all die with the first organization, however it comes. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';

@Injectable()
export class SetupLinkStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async create(link: { readonly tokenHash: string; readonly createdAt: Date; readonly expiresAt: Date }): Promise<void> {
    await this.database.setupLink.create({ data: { ...link } });
  }

  async isOpen(tokenHash: string, now: Date): Promise<boolean> {
    const where = { tokenHash, usedAt: null, expiresAt: { gt: now } };
    return (
      (await this.database.setupLink.count({ where })) === 1 &&
      (await this.database.organization.findFirst({ select: { id: true } })) === null
    );
  }

  async wasUsedSince(tokenHash: string, instant: Date): Promise<boolean> {
    return (await this.database.setupLink.count({ where: { tokenHash, usedAt: { gte: instant } } })) === 1;
  }

  /** Uses the link up, once: two posts, or a post and an import, cannot both win. */
  async claim(transaction: Transaction, tokenHash: string, now: Date): Promise<boolean> {
    await this.hold(transaction);
    const { count } = await transaction.setupLink.updateMany({
      where: { tokenHash, usedAt: null, expiresAt: { gt: now } },
      data: { usedAt: now },
    });
    if (count === 0 || (await transaction.organization.count()) > 0) return false;
    await this.deleteUnused(transaction);
    return true;
  }

  async closeAll(transaction: Transaction): Promise<void> {
    await this.hold(transaction);
    await this.deleteUnused(transaction);
  }

  async sweep(now: Date): Promise<number> {
    return (await this.database.setupLink.deleteMany({ where: { expiresAt: { lte: now } }, limit: sweptAtOnce })).count;
  }

  /** All of them, in one order: whoever used one up and went on to delete the others would wait for whoever did the same. */
  private async hold(transaction: Transaction): Promise<void> {
    await transaction.$queryRaw`SELECT 1 AS held FROM setup_links ORDER BY token_hash FOR UPDATE`;
  }

  private async deleteUnused(transaction: Transaction): Promise<void> {
    await transaction.setupLink.deleteMany({ where: { usedAt: null } });
  }
}
