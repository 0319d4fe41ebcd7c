/** Requests of members who lost their phone: one open at a time, and one decision each. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import type { Role } from '../sessions/visit.js';

export type NewRequest = {
  readonly organizationId: string;
  readonly userId: string;
  readonly withdrawHash: string;
  readonly note: string;
  readonly address: string;
  readonly askedAt: Date;
  readonly expiresAt: Date;
};

export type OpenRequest = {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  readonly lastSignInAt: Date | null;
  readonly note: string;
  readonly address: string;
  readonly askedAt: Date;
};

export type Decision = 'APPROVED' | 'REFUSED' | 'WITHDRAWN';

@Injectable()
export class LostPhoneStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** @returns false when one is open already: another post was first */
  async create(transaction: Transaction, request: NewRequest): Promise<boolean> {
    const { userId, askedAt } = request;
    await transaction.lostPhoneRequest.updateMany({ where: { openFor: userId, expiresAt: { lte: askedAt } }, data: { openFor: null } });
    const { count } = await transaction.lostPhoneRequest.createMany({ data: [{ ...request, openFor: userId }], skipDuplicates: true });
    return count === 1;
  }

  async isOpen(userId: string, now: Date, transaction: Transaction = this.database): Promise<boolean> {
    return (await transaction.lostPhoneRequest.count({ where: { openFor: userId, expiresAt: { gt: now } } })) > 0;
  }

  /** The oldest first. */
  async findOpen(organizationId: string, now: Date): Promise<readonly OpenRequest[]> {
    const rows = await this.database.lostPhoneRequest.findMany({
      where: { organizationId, openFor: { not: null }, expiresAt: { gt: now }, user: { deactivatedAt: null } },
      orderBy: { askedAt: 'asc' },
      take: 20,
      select: { userId: true, note: true, address: true, askedAt: true, user: { select: asker } },
    });
    return rows.map(({ user, ...request }) => ({ ...request, ...user }));
  }

  /** @returns whether a request was open: of two decisions at the same moment, one is made */
  async decide(transaction: Transaction, userId: string, decision: Decision, decidedAt: Date): Promise<boolean> {
    const where = { openFor: userId, expiresAt: { gt: decidedAt } };
    const { count } = await transaction.lostPhoneRequest.updateMany({ where, data: { decision, decidedAt, openFor: null } });
    return count === 1;
  }

  /** @returns whose request the link withdraws, while it is open */
  async findByLink(withdrawHash: string, now: Date): Promise<{ readonly userId: string; readonly username: string } | undefined> {
    const where = { withdrawHash, openFor: { not: null }, expiresAt: { gt: now } };
    const select = { userId: true, user: { select: { username: true } } };
    const found = await this.database.lostPhoneRequest.findFirst({ where, select });
    return found ? { userId: found.userId, username: found.user.username } : undefined;
  }

  async wasWithdrawnSince(withdrawHash: string, since: Date): Promise<boolean> {
    return (await this.database.lostPhoneRequest.count({ where: { withdrawHash, decision: 'WITHDRAWN', decidedAt: { gt: since } } })) > 0;
  }

  async wasApprovedSince(userId: string, since: Date, transaction: Transaction): Promise<boolean> {
    const where = { userId, decision: 'APPROVED' as const, decidedAt: { gt: since } };
    return (await transaction.lostPhoneRequest.count({ where })) > 0;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.lostPhoneRequest.deleteMany({ where: { expiresAt: { lte: before } }, limit: sweptAtOnce })).count;
  }
}

const asker = { username: true, name: true, role: true, lastSignInAt: true } as const;
