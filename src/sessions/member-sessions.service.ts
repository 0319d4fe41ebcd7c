/** The sessions of one member: looking at them, and ending them. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { halfOpenLifetime } from './domain/sign-in-stage.js';
import { type ListedSession, MemberSessionsStore } from './member-sessions.store.js';
import type { MemberVisit } from './visit.js';

@Injectable()
export class MemberSessions {
  constructor(
    @Inject(MemberSessionsStore) private readonly store: MemberSessionsStore,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** Half-open ones too: whoever is at the challenge knows the password. Those last seen come first. */
  findAll(userId: string): Promise<readonly ListedSession[]> {
    const now = this.clock.now();
    return this.store.findAll(userId, now, after(now, -halfOpenLifetime));
  }

  /** The caller holds the member's row: a session that was ended meanwhile ends none. @returns whether the member had it */
  endOne(transaction: Transaction, { session, member }: MemberVisit, sessionId: string): Promise<boolean> {
    return this.store.endOne(transaction, { userId: member.userId, bySessionId: session.id }, sessionId);
  }

  /** All but the one of this visit, half-open ones too; as above. @returns how many */
  endOthers(transaction: Transaction, { session, member }: MemberVisit): Promise<number> {
    return this.store.endOthers(transaction, { userId: member.userId, bySessionId: session.id });
  }

  /** Whoever is in, or half in, is out at their next request. @returns how many */
  endAll(transaction: Transaction, userId: string): Promise<number> {
    return this.store.endAll(transaction, userId);
  }
}
