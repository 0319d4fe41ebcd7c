/** The session rows, as they are written. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
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

/** A session with the cookie value that the request came with. */
export type Current = { readonly id: string; readonly tokenHash: string };

/** The facts that do not stand in the session row. */
export type UserFacts = Pick<
  SignInFacts,
  'deactivatedAt' | 'choseTwoFactor' | 'twoFactorRequired' | 'twoFactorFrom' | 'smsAllowed' | 'smsAllowedSince' | 'authenticatorSince'
>;

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

  async findUserFacts(transaction: Transaction, userId: string): Promise<UserFacts> {
    const { organization, authenticator, ...user } = await transaction.user.findUniqueOrThrow({
      where: { id: userId },
      select: {
        deactivatedAt: true,
        choseTwoFactor: true,
        organization: { select: { twoFactorRequired: true, twoFactorFrom: true, smsAllowed: true, smsAllowedSince: true } },
        authenticator: { select: { confirmedAt: true } },
      },
    });
    return { ...user, ...organization, authenticatorSince: authenticator?.confirmedAt ?? null };
  }

  /**
   * Creates the session unless its twin, opened for the same browser and user after `since`, is there.
   * @returns the twin
   */
  async createOnce(transaction: Transaction, session: NewSession, since: Date): Promise<Twin | undefined> {
    if (await this.create(transaction, session)) return undefined;
    const { openedFor } = session;
    const select = { id: true, expiresAt: true, halfOpenStage: true };
    const twin = await transaction.session.findFirst({ where: { openedFor, passwordAt: { gt: since }, rotatedAt: null }, select });
    if (twin) return { ...twin, halfOpenStage: twin.halfOpenStage && stageOf[twin.halfOpenStage] };
    await transaction.session.updateMany({ where: { openedFor }, data: { openedFor: null } });
    return this.createOnce(transaction, session, since);
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
  async rotate(transaction: Transaction, { id, tokenHash }: Current, facts: RotatedFacts): Promise<boolean> {
    const { count } = await transaction.session.updateMany({
      where: { id, tokenHash },
      data: { ...facts, previousTokenHash: tokenHash, halfOpenStage: null, halfOpenSince: null, failedCodes: 0, returnTo: null },
    });
    return count === 1;
  }

  /** Where the post that rotated the cookie led in the end, for its twin. */
  async leadTwin(id: string, rotatedTo: string): Promise<void> {
    await this.database.session.updateMany({ where: { id }, data: { rotatedTo } });
  }

  async end(transaction: Transaction, id: string): Promise<void> {
    await transaction.session.deleteMany({ where: { id } });
  }

  /** Keeps one session of a user and the newest `others` besides; half-open ones are not counted. */
  async endOldest(transaction: Transaction, userId: string, keptId: string, others: number): Promise<void> {
    await transaction.$executeRaw`
      DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE user_id = ${userId}::uuid AND id <> ${keptId}::uuid AND half_open_stage IS NULL
        ORDER BY password_at DESC, id DESC OFFSET ${others})`;
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
    const { count } = await this.database.session.deleteMany({
      where: { OR: [{ expiresAt: { lte: now } }, { halfOpenSince: { lte: halfOpenBefore } }] },
    });
    return count;
  }

  private async create(transaction: Transaction, { halfOpenStage, ...session }: NewSession): Promise<boolean> {
    const entered = halfOpenStage && { halfOpenStage: halfOpen[halfOpenStage], halfOpenSince: session.passwordAt };
    const { count } = await transaction.session.createMany({ data: [{ ...session, ...entered }], skipDuplicates: true });
    return count === 1;
  }
}

const halfOpen = { enrollment: 'ENROLLMENT', challenge: 'CHALLENGE' } as const;
const stageOf = { ENROLLMENT: 'enrollment', CHALLENGE: 'challenge' } as const;
