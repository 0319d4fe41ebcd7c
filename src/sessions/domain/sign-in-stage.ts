/** The sign-in stage, computed from facts at every request: nothing stores "is logged in". */
import { hours, minutes } from '../../platform/clock.js';

export type SignInStage = 'anonymous' | 'enrollment' | 'challenge' | 'signedIn';
export type HalfOpenStage = Extract<SignInStage, 'enrollment' | 'challenge'>;
/** The stage when something is still owed in it, else null: what the session row records. */
export function halfOpenOf(stage: SignInStage): HalfOpenStage | null {
  return stage === 'enrollment' || stage === 'challenge' ? stage : null;
}

export type SecondFactorMethod = 'TOTP' | 'SMS' | 'RECOVERY_CODE';

/** NIST SP 800-63B-4, AAL2: re-authentication at least every 24 hours. Counts from the password. */
export const sessionLifetime = hours(24);
/** How long enrollment and challenge stay open, counted from entering that stage. */
export const halfOpenLifetime = minutes(15);

export type SignInFacts = {
  readonly expiresAt: Date;
  readonly secondFactorAt: Date | null;
  readonly secondFactorMethod: SecondFactorMethod | null;
  readonly halfOpenStage: HalfOpenStage | null;
  readonly halfOpenSince: Date | null;
  readonly deactivatedAt: Date | null;
  readonly choseTwoFactor: boolean;
  readonly twoFactorRequired: boolean;
  /** Until then, members without an authenticator are not asked for one; null: from the beginning. */
  readonly twoFactorFrom: Date | null;
  readonly smsAllowed: boolean;
  /** When SMS was allowed last; null where it was so from the beginning. */
  readonly smsAllowedSince: Date | null;
  /** When the authenticator was confirmed; null while there is none. */
  readonly authenticatorSince: Date | null;
};

/** Why a session that exists lets nobody in any more. */
export type Ending = 'expired' | 'overdue' | 'deactivated';

/** Where a session stands at the instant `now`; `undefined` facts are a visitor without a session. */
export function deriveSignInStage(facts: SignInFacts | undefined, now: Date): SignInStage {
  if (!facts || deriveEnding(facts, now)) return 'anonymous';
  return deriveOwedStage(facts, now);
}

/** Why the session is over, or undefined while it is not. */
export function deriveEnding(facts: SignInFacts, now: Date): Ending | undefined {
  if (facts.deactivatedAt) return 'deactivated';
  if (now >= facts.expiresAt) return 'expired';
  return isOverdue(facts, now) ? 'overdue' : undefined;
}

/**
 * The instant up to which a member may still go without an authenticator that the organization asks for; undefined when
 * they have one, when nothing is asked, and once it is over.
 */
export function graceEnd(
  { twoFactorRequired, twoFactorFrom, choseTwoFactor, authenticatorSince }: GraceFacts,
  now: Date,
): Date | undefined {
  if (!twoFactorRequired || choseTwoFactor || authenticatorSince) return undefined;
  return twoFactorFrom && now < twoFactorFrom ? twoFactorFrom : undefined;
}

export type GraceFacts = Pick<SignInFacts, 'twoFactorRequired' | 'twoFactorFrom' | 'choseTwoFactor' | 'authenticatorSince'>;

/** The stage that the facts leave open, whether or not the session is over. */
function deriveOwedStage(facts: SignInFacts, now: Date): Exclude<SignInStage, 'anonymous'> {
  if (!facts.twoFactorRequired && !facts.choseTwoFactor) return 'signedIn';
  if (graceEnd(facts, now)) return 'signedIn';
  if (!facts.authenticatorSince) return 'enrollment';
  return hasProof(facts, facts.authenticatorSince) ? 'signedIn' : 'challenge';
}

/** A proof older than the authenticator proves nothing; one by SMS counts only while SMS is allowed, and not over a break. */
function hasProof(facts: SignInFacts, authenticatorSince: Date): boolean {
  const { secondFactorAt, secondFactorMethod, smsAllowed, smsAllowedSince } = facts;
  if (!secondFactorAt || secondFactorAt < authenticatorSince) return false;
  return secondFactorMethod !== 'SMS' || (smsAllowed && (smsAllowedSince === null || secondFactorAt >= smsAllowedSince));
}

/** Once the 15 minutes are over, nothing brings the session back: no other policy, and no other stage. */
function isOverdue({ halfOpenSince }: SignInFacts, now: Date): boolean {
  return halfOpenSince !== null && now.getTime() - halfOpenSince.getTime() >= halfOpenLifetime;
}
