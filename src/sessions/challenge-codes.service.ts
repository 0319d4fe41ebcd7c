/** The codes that a challenge may cost, counted in its session. */
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Sql } from '../platform/statement.js';
import { ChallengeCodesStore } from './challenge-codes.store.js';
import { currentOf } from './session-token.js';
import type { MemberVisit } from './visit.js';

@Injectable()
export class ChallengeCodes {
  constructor(@Inject(ChallengeCodesStore) private readonly codes: ChallengeCodesStore) {}

  /** A part: gives no row when `limit` codes were charged to this challenge already, or it is over. */
  charging({ session }: MemberVisit, limit: number, when: Sql): Sql {
    return this.codes.charging(currentOf(session), limit, when);
  }

  refund({ session }: MemberVisit): Promise<void> {
    return this.codes.refund(currentOf(session));
  }

  /** Ends the session when its challenge has had its codes. @returns whether it did */
  endAfter({ session }: MemberVisit, limit: number): Promise<boolean> {
    return this.codes.endSpent(currentOf(session), limit);
  }

  /**
   * Waits, a second at most, for the other posts of this challenge that are on their way: when one of them, sent by
   * the same double click, is accepted, this one must not be refused before (see TwinPost).
   */
  async settle({ session }: MemberVisit): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) {
      if ((await this.codes.count(currentOf(session))) === undefined) return;
      await pause(50);
    }
  }
}
