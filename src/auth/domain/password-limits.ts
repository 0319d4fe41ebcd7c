/** How wrong passwords are slowed down, and when a username or a browser has had its share (OWASP ASVS 5.0, 6.3.1). */
import { after, hours, minutes, seconds } from '../../platform/clock.js';

/** Each is a counter of its own; `row` and `device-row` count wrong passwords in a row, over any time. */
export type CountedBy = 'pair' | 'username' | 'address' | 'row' | 'device' | 'device-row';

/** A browser in which nobody signed in to that username yet: a stranger's, for all that is known. */
export const countersOfUnknown = ['pair', 'username', 'address', 'row'] as const satisfies readonly CountedBy[];
/** A browser that signed in before: what strangers do never makes it wait (OWASP device cookies). */
export const countersOfKnown = ['device', 'device-row'] as const satisfies readonly CountedBy[];

export type PasswordLimit = {
  /** Wrong passwords that cost no wait. */
  readonly free: number;
  /** The wait after the first that is not free, in milliseconds; it doubles with each further one. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** A row of wrong passwords is forgotten when it is this old, in milliseconds. */
  readonly forgottenAfter: number;
};

export type PasswordLimits = Readonly<Record<CountedBy, PasswordLimit>>;

const year = hours(24 * 365);
/** Longer than any password waits for its comparison, and takes. */
const longestComparison = seconds(30);

/**
 * A stranger can slow a member down, but by username alone never for more than a minute, and by a row of wrong passwords
 * (100 at most: NIST SP 800-63B-4, 3.2.2) only in browsers that are not known for the username.
 * @param leniency what every cap is multiplied by; 1 but in automated runs
 */
export function passwordLimits(leniency: number): PasswordLimits {
  const slowed = { free: 5 * leniency, firstWait: seconds(30), longestWait: hours(1), forgottenAfter: hours(24) };
  const row = { free: 100 * leniency, firstWait: year, longestWait: year, forgottenAfter: year };
  return {
    pair: slowed,
    username: { free: 20 * leniency, firstWait: minutes(1), longestWait: minutes(1), forgottenAfter: hours(24) },
    address: { free: 10 * leniency, firstWait: minutes(1), longestWait: minutes(1), forgottenAfter: minutes(1) },
    row,
    device: slowed,
    'device-row': row,
  };
}

/** @property failed wrong passwords, with those that are being compared: as many as set the wait */
type Wait = { readonly until: Date; readonly failed: number; readonly pending: number };

/** A wait that may come of a password which is being compared and turns out right. One that began before that is no such thing. */
export function mayBeCompared({ until, failed, pending }: Wait, { free, firstWait, longestWait }: PasswordLimit, now: Date): boolean {
  const length = Math.min(longestWait, firstWait * 2 ** (failed - free));
  return pending > 0 && after(until, longestComparison - length) > now;
}
