/** How wrong passwords are slowed down: by username and address, by username, by address (OWASP ASVS 5.0, 6.3.1). */
import { hours, minutes, seconds } from '../../platform/clock.js';

export type CountedBy = 'pair' | 'username' | 'address';

export type PasswordLimit = {
  /** Wrong passwords that cost no wait. */
  readonly free: number;
  /** The wait after the first that is not free, in milliseconds; it doubles with each further one. */
  readonly firstWait: number;
  readonly longestWait: number;
  /** A row of wrong passwords is forgotten when it is this old, in milliseconds. */
  readonly forgottenAfter: number;
};

/**
 * A stranger can slow a member down, but by username alone never for more than a minute.
 * @param leniency what every cap is multiplied by; 1 but in automated runs
 */
export function passwordLimits(leniency: number): Readonly<Record<CountedBy, PasswordLimit>> {
  return {
    pair: { free: 5 * leniency, firstWait: seconds(30), longestWait: hours(1), forgottenAfter: hours(24) },
    username: { free: 20 * leniency, firstWait: minutes(1), longestWait: minutes(1), forgottenAfter: hours(24) },
    address: { free: 10 * leniency, firstWait: minutes(1), longestWait: minutes(1), forgottenAfter: minutes(1) },
  };
}
