/** The session rows, as they are written. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { askIn, Database, type Transaction } from '../platform/database.js';
import { always, ifAny, named, type Parts, type Sql } from '../platform/statement.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import type { HalfOpenStage, SecondFactorMethod, SignInFacts } from './domain/sign-in-stage.js';

export type NewSession = {
  readonly id: string;
  readonly openedFor: string;
  readonly userId: string;
  readonly tokenHash: string;
  readonly passwordAt: Date;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly address: string;
  readonly userAgent: string;
  readonly expiresAt: Date;
  readonly halfOpenStage: HalfOpenStage | null;
  readonly returnTo: string | null;
};

/** What the twin of a sign-in is given. */
export type Twin = Pick<NewSession, 'id' | 'expiresAt' | 'halfOpenStage'>;

/** A session, and whose it is. */
type Kept = { readonly userId: string; readonly id: string };

/** A session with the cookie value that the request came with. */
export type Current = { readonly id: string; readonly tokenHash: string };

/** The facts that do not stand in the session row. */
export type UserFacts = Pick<
  SignInFacts,
  'deactivatedAt' | 'choseTwoFactor' | 'twoFactorRequired' | 'twoFactorFrom' | 'smsAllowed' | 'smsAllowedSince' | 'authenticatorSince'
>;

/** Their columns, of users `u`, organizations `o` and authenticators `a`. */
export const userFacts: Sql = Prisma.sql`
  u.deactivated_at AS "deactivatedAt", u.chose_two_factor AS "choseTwoFactor", o.two_factor_required AS "twoFactorRequired",
  o.two_factor_from AS "twoFactorFrom", o.sms_allowed AS "smsAllowed", o.sms_allowed_since AS "smsAllowedSince",
  a.confirmed_at AS "authenticatorSince"`;

/** What was proven: a second factor, or the password once more. */
export type Proof = { readonly secondFactorAt: Date; readonly secondFactorMethod: SecondFactorMethod } | { readonly passwordAt: Date };

/** Whose proofs are forgotten, but those of one session; `method` undefined: whatever they were made by. */
export type ForgottenProofs = { readonly userId: string; readonly exceptId: string; readonly method?: SecondFactorMethod };

export type ForgottenEntries = { readonly organizationId: string; readonly enteredAfter: Date; readonly stage: HalfOpenStage | undefined };

export type RotatedFacts = Proof & {
  readonly tokenHash: string;
  readonly rotatedAt: Date;
  readonly rotatedByPost: string | null;
  readonly rotatedTo: string;
};

@Injectable()
export class SessionStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Parts of the statement that opens a session, unless its twin, opened for the same browser and user after `twinSince`, is there.
   * Of the user's signed-in sessions so many others stay, the newest.
   */
  opening(session: NewSession, { held, twinSince, others }: { readonly held: string; readonly twinSince: Date; readonly others: number }) {
    const { id, userId, openedFor, halfOpenStage } = session;
    const since = Prisma.sql`${twinSince}::timestamptz`;
    const freed = Prisma.sql`
      UPDATE sessions SET opened_for = NULL
      WHERE opened_for = ${openedFor} AND (password_at <= ${since} OR rotated_at IS NOT NULL) AND ${ifAny(held)} RETURNING id`;
    const opened = Prisma.sql`
      INSERT INTO sessions (id, user_id, token_hash, opened_for, password_at, expires_at, half_open_stage, half_open_since,
        return_to, started_at, last_seen_at, address, user_agent)
      SELECT ${this.valuesOf(session)} FROM ${named(held)}, (SELECT count(*) FROM freed) AS first
      ON CONFLICT (opened_for) DO NOTHING RETURNING id`;
    const parts: Parts = { freed, opened };
    return halfOpenStage
      ? parts
      : { ...parts, ended: this.endingOldest({ userId, id }, { others, when: ifAny('opened'), first: 'freed' }) };
  }

  /** The session that was opened for the same browser and user after `since`, and is as it was. */
  async findTwin(openedFor: string, since: Date): Promise<Twin | undefined> {
    const select = { id: true, expiresAt: true, halfOpenStage: true };
    const twin = await this.database.session.findFirst({ where: { openedFor, passwordAt: { gt: since }, rotatedAt: null }, select });
    return twin ? { ...twin, halfOpenStage: twin.halfOpenStage && stageOf[twin.halfOpenStage] } : undefined;
  }

  /** Records that the session was seen to enter a half-open stage (or, with null, to have left it). */
  async enterStage({ id, tokenHash }: Current, stage: HalfOpenStage | null, since: Date | null, returnTo: string | null): Promise<void> {
    await this.database.session.updateMany({
      where: { id, tokenHash },
      data: { halfOpenStage: stage && halfOpen[stage], halfOpenSince: since, failedCodes: 0, ...(returnTo === null ? {} : { returnTo }) },
    });
  }

  /** For the member's own list. */
  async markSeen(id: string, lastSeenAt: Date): Promise<void> {
    await this.database.session.updateMany({ where: { id }, data: { lastSeenAt } });
  }

  /** @returns whether the session still had the cookie value that the request came with */
  async rotate(transaction: Transaction, current: Current, facts: RotatedFacts): Promise<boolean> {
    return (await askIn(transaction, this.rotating(current, facts, always))).length === 1;
  }

  /** A part: the same. */
  rotating({ id, tokenHash }: Current, facts: RotatedFacts, when: Sql): Sql {
    return Prisma.sql`
      UPDATE sessions SET ${proofIn(facts)}, token_hash = ${facts.tokenHash}, previous_token_hash = ${tokenHash},
        rotated_at = ${facts.rotatedAt}::timestamptz, rotated_by_post = ${facts.rotatedByPost}, rotated_to = ${facts.rotatedTo},
        half_open_stage = NULL, half_open_since = NULL, failed_codes = 0, return_to = NULL
      WHERE id = ${id}::uuid AND token_hash = ${tokenHash} AND ${when} RETURNING id`;
  }

  /** A part: holds the session while it has the cookie value that the request came with. */
  holding({ id, tokenHash }: Current, when: Sql): Sql {
    return Prisma.sql`SELECT id FROM sessions WHERE id = ${id}::uuid AND token_hash = ${tokenHash} AND ${when} FOR UPDATE`;
  }

  /** Where the post that rotated the cookie led in the end, for its twin. */
  async leadTwin(id: string, rotatedTo: string): Promise<void> {
    await this.database.session.updateMany({ where: { id }, data: { rotatedTo } });
  }

  async end(transaction: Transaction, id: string): Promise<void> {
    await transaction.session.deleteMany({ where: { id } });
  }

  /**
   * A part: keeps one session of a user and `others` besides, the newest; half-open ones are not counted.
   * @param first the part whose sessions stay before all others: one that it changed, this statement could not end as well
   */
  endingOldest(
    { userId, id }: Kept,
    { others, when, first }: { readonly others: number; readonly when: Sql; readonly first?: string },
  ): Sql {
    const isFirst = first ? Prisma.sql`id IN (SELECT id FROM ${named(first)}) DESC,` : Prisma.empty;
    return Prisma.sql`
      DELETE FROM sessions WHERE ${when} AND id IN (
        SELECT id FROM sessions WHERE user_id = ${userId}::uuid AND id <> ${id}::uuid AND half_open_stage IS NULL
        ORDER BY ${isFirst} password_at DESC, id DESC OFFSET ${others}::int)`;
  }

  async endOldest(transaction: Transaction, kept: Kept, others: number): Promise<void> {
    await askIn(transaction, this.endingOldest(kept, { others, when: always }));
  }

  async forgetProofs(transaction: Transaction, { userId, exceptId, method }: ForgottenProofs): Promise<void> {
    await transaction.session.updateMany({
      where: { userId, id: { not: exceptId }, secondFactorAt: { not: null }, ...(method && { secondFactorMethod: method }) },
      data: { secondFactorAt: null, secondFactorMethod: null },
    });
  }

  /**
   * Where two-factor is not asked for any more, no session is half-open: one that is asked again later gets its full
   * time. Those whose time is over stay so.
   * @param enteredAfter how long ago a session may have entered its stage and still live
   * @param stage which one is not asked for any more; undefined: both
   */
  async forgetStageEntries(transaction: Transaction, { organizationId, enteredAfter, stage }: ForgottenEntries): Promise<void> {
    await transaction.session.updateMany({
      where: {
        user: { organizationId, choseTwoFactor: false },
        halfOpenSince: { gt: enteredAfter },
        ...(stage && { halfOpenStage: halfOpen[stage] }),
      },
      data: { halfOpenStage: null, halfOpenSince: null, failedCodes: 0 },
    });
  }

  /** Removes what is over: past its absolute end, or half-open since before `halfOpenBefore`. */
  async sweep(now: Date, halfOpenBefore: Date): Promise<number> {
    const where = { OR: [{ expiresAt: { lte: now } }, { halfOpenSince: { lte: halfOpenBefore } }] };
    return (await this.database.session.deleteMany({ where, limit: sweptAtOnce })).count;
  }

  private valuesOf({ halfOpenStage, passwordAt, ...session }: NewSession): Sql {
    const { id, userId, tokenHash, openedFor, expiresAt, returnTo, startedAt, lastSeenAt, address, userAgent } = session;
    return Prisma.sql`${id}::uuid, ${userId}::uuid, ${tokenHash}::text, ${openedFor}::text, ${passwordAt}::timestamptz,
      ${expiresAt}::timestamptz, ${halfOpenStage && halfOpen[halfOpenStage]}::"HalfOpenStage",
      ${halfOpenStage && passwordAt}::timestamptz, ${returnTo}::text, ${startedAt}::timestamptz, ${lastSeenAt}::timestamptz,
      ${address}::text, ${userAgent}::text`;
  }
}

function proofIn(proof: Proof): Sql {
  if ('passwordAt' in proof) return Prisma.sql`password_at = ${proof.passwordAt}::timestamptz`;
  const { secondFactorAt, secondFactorMethod } = proof;
  return Prisma.sql`second_factor_at = ${secondFactorAt}::timestamptz, second_factor_method = ${secondFactorMethod}::"SecondFactorMethod"`;
}

const halfOpen = { enrollment: 'ENROLLMENT', challenge: 'CHALLENGE' } as const;
const stageOf = { ENROLLMENT: 'enrollment', CHALLENGE: 'challenge' } as const;
