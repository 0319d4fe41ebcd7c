/** What an organization asks of its people at sign-in. */
import { after as later, hours } from '../platform/clock.js';

export type Switches = { readonly twoFactorRequired: boolean; readonly smsAllowed: boolean };

export type TwoFactorPolicy = Switches & {
  /** Until then, members without an authenticator are not asked for one; null: from the beginning. */
  readonly twoFactorFrom: Date | null;
};

/** What a post asks for; `twoFactorFrom` undefined: as it stands. */
export type AskedPolicy = Switches & { readonly twoFactorFrom: Date | null | undefined };

/** How far ahead the date may lie. */
export const longestGrace = hours(24 * 366);

/** SMS is the other way to answer a challenge, so it cannot be on where nothing is asked. */
export function normalizeSwitches({ twoFactorRequired, smsAllowed }: Switches): Switches {
  return { twoFactorRequired, smsAllowed: twoFactorRequired && smsAllowed };
}

/** The policy after a post. The date stands through off and on: switching off does not touch it. */
export function policyAfter(before: TwoFactorPolicy, { twoFactorFrom, ...switches }: AskedPolicy): TwoFactorPolicy {
  const isDateAsked = switches.twoFactorRequired && twoFactorFrom !== undefined;
  return { ...normalizeSwitches(switches), twoFactorFrom: isDateAsked ? twoFactorFrom : before.twoFactorFrom };
}

export function isSamePolicy(a: TwoFactorPolicy, b: TwoFactorPolicy): boolean {
  return a.twoFactorRequired === b.twoFactorRequired && a.smsAllowed === b.smsAllowed && isSameInstant(a.twoFactorFrom, b.twoFactorFrom);
}

/** A date that is new lies ahead, and not too far: one that was typed for a day gone by would let nobody prepare. */
export function isDateInReach(before: TwoFactorPolicy, { twoFactorFrom }: TwoFactorPolicy, now: Date): boolean {
  if (twoFactorFrom === null || isSameInstant(before.twoFactorFrom, twoFactorFrom)) return true;
  return twoFactorFrom > now && twoFactorFrom <= later(now, longestGrace);
}

export function isSwitchedOff(before: TwoFactorPolicy, after: TwoFactorPolicy): boolean {
  return before.twoFactorRequired && !after.twoFactorRequired;
}

/** Members who are asked today, or on a known day, would be asked later. */
export function isPutOff(before: TwoFactorPolicy, after: TwoFactorPolicy): boolean {
  if (!before.twoFactorRequired || !after.twoFactorRequired || after.twoFactorFrom === null) return false;
  return before.twoFactorFrom === null || after.twoFactorFrom > before.twoFactorFrom;
}

/** Lets somebody in more easily than before: what a session left unlocked must not be enough for. */
export function isLoosened(before: TwoFactorPolicy, after: TwoFactorPolicy): boolean {
  const isSmsAdded = before.twoFactorRequired && !before.smsAllowed && after.smsAllowed;
  return isSmsAdded || isSwitchedOff(before, after) || isPutOff(before, after);
}

function isSameInstant(a: Date | null, b: Date | null): boolean {
  return a?.getTime() === b?.getTime();
}
