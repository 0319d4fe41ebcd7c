/** The session rows of one member, as they see them themself. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import type { SecondFactorMethod } from './domain/sign-in-stage.js';

/** A session as its member sees it. */
export type ListedSession = {
  readonly id: string;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly address: string;
  readonly userAgent: string;
  readonly secondFactorMethod: SecondFactorMethod | null;
  readonly isHalfOpen: boolean;
};

/** Whose sessions they are, and the one of them that asks. */
type BySession = { readonly userId: string; readonly bySessionId: string };

@Injectable()
export class MemberSessionsStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findAll(userId: string, now: Date, halfOpenSince: Date): Promise<readonly ListedSession[]> {
    const where = { userId, expiresAt: { gt: now }, OR: [{ halfOpenSince: null }, { halfOpenSince: { gt: halfOpenSince } }] };
    const rows = await this.database.session.findMany({ where, select: listed, orderBy: [{ lastSeenAt: 'desc' }, { id: 'desc' }] });
    return rows.map(({ halfOpenStage, ...row }) => ({ ...row, isHalfOpen: halfOpenStage !== null }));
  }

  async endOne(transaction: Transaction, by: BySession, id: string): Promise<boolean> {
    return (await transaction.session.deleteMany({ where: { id, user: stillIn(by) } })).count === 1;
  }

  /** Half-open ones too. */
  async endOthers(transaction: Transaction, by: BySession): Promise<number> {
    return (await transaction.session.deleteMany({ where: { id: { not: by.bySessionId }, user: stillIn(by) } })).count;
  }

  async endAll(transaction: Transaction, userId: string): Promise<number> {
    return (await transaction.session.deleteMany({ where: { userId } })).count;
  }
}

/** The member, as long as the session that asks stands. */
function stillIn({ userId, bySessionId }: BySession) {
  return { id: userId, sessions: { some: { id: bySessionId } } };
}

const listed = {
  id: true,
  startedAt: true,
  lastSeenAt: true,
  address: true,
  userAgent: true,
  secondFactorMethod: true,
  halfOpenStage: true,
} as const;
