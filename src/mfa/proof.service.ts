/**
 * After a code that fits: it is used up, the second factor proven, and what hung on the challenge is over, in one statement. It does
 * nothing when another post was first, or the member is not any more as they were read.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database, type Transaction } from '../platform/database.js';
import { carryOut, ifAny, type Parts, type Sql } from '../platform/statement.js';
import type { SecondFactorMethod } from '../sessions/domain/sign-in-stage.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Rotation } from '../sessions/visit.js';
import { type ArrivalBy, Arrivals } from '../users/arrivals.service.js';
import { SignInRowStore } from '../users/sign-in-row.store.js';
import type { PhoneFacts } from '../users/user.store.js';
import { CodeTriesStore } from './code-tries.store.js';
import type { Factors } from './factors.store.js';
import { SmsCodes } from './sms-codes.service.js';

/** A code that fits. */
export type Match = {
  readonly method: SecondFactorMethod;
  readonly by: ArrivalBy;
  /** For a code by SMS: what of the member's number it hangs on. */
  readonly phone: PhoneFacts | undefined;
  /** The part that uses it up, and gives a row when it did. */
  readonly claiming: (when: Sql) => Sql;
};

export type Acceptance = {
  /** Where the post leads. */
  readonly to: string;
  /** What else the right code does, in the same transaction. */
  readonly also?: (transaction: Transaction) => Promise<void>;
};

type Proof = Acceptance & { readonly match: Match; readonly factors: Factors };
/** `moved`: the member is not as they were read; undefined: the code was used by another post, or the session moved on. */
export type Proven = Rotation | 'moved' | undefined;

@Injectable()
export class Proofs {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SignInRowStore) private readonly rows: SignInRowStore,
    @Inject(CodeTriesStore) private readonly tries: CodeTriesStore,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Arrivals) private readonly arrivals: Arrivals,
    @Inject(Audit) private readonly audit: Audit,
  ) {}

  /** Without a mail, and without anything else that is to be done, no transaction has to be begun. */
  async prove(visit: MemberVisit, proof: Proof): Promise<Proven> {
    const { also, factors } = proof;
    const isTold = visit.stage === 'challenge' && this.arrivals.isNews(factors.device);
    if (!isTold && !also) return this.write(this.database, visit, proof);
    return this.database.$transaction(async (transaction) => {
      const proven = await this.write(transaction, visit, proof);
      if (typeof proven !== 'object') return proven;
      if (isTold) await this.arrivals.tell(transaction, visit, factors.device);
      await also?.(transaction);
      return proven;
    });
  }

  private async write(transaction: Transaction, visit: MemberVisit, { to, match, factors }: Proof): Promise<Proven> {
    const { userId } = visit.member;
    const { method, phone } = match;
    const { parts: proving, rotation } = this.sessions.proving(visit, { method, to, when: ifAny('claimed') });
    const parts: Parts = {
      // In the order of all who hold more than one of these: the member, their tries, their session.
      held: this.rows.holdingSince(userId, factors.lastSignInAt, phone),
      tries: this.tries.holding(userId, ifAny('held')),
      ready: this.sessions.holding(visit, 'tries', ifAny('held')),
      claimed: match.claiming(ifAny('ready')),
      ...proving,
      cleared: this.tries.clearing(userId, ifAny('proven')),
      codes: this.smsCodes.endingChallenge(visit, ifAny('proven')),
      ...this.putOnRecord(visit, match, factors),
    };
    const done = await carryOut(transaction, parts, ['held', 'proven']);
    if (!done.has('held')) return 'moved';
    return done.has('proven') ? rotation : undefined;
  }

  /** In a challenge it completes the sign-in; a member who is in has proven once more who they are. */
  private putOnRecord(visit: MemberVisit, { by, phone }: Match, { device }: Factors): Parts {
    const when = ifAny('proven');
    if (visit.stage === 'challenge') return this.arrivals.parts(visit, { by, device, when, isNumberProven: phone !== undefined });
    return { recorded: this.audit.partOfActOf(visit, { kind: 'step-up', details: { by } }, when) };
  }
}
