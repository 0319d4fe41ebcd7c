/** How many wrong second-factor codes are taken, authenticator and SMS together (OWASP ASVS 5.0, 6.6.3). */
import { minutes } from '../../platform/clock.js';

export type CodeLimits = {
  /** Codes in one challenge; after the last wrong one the challenge ends. */
  readonly perChallenge: number;
  /** Wrong codes in a row after which the next must wait. */
  readonly untilWait: number;
  /** Wrong codes in a row, over any time, after which the second factor is closed. */
  readonly untilClosed: number;
};

export const codeWait = minutes(15);

/** @param leniency what every cap is multiplied by; 1 but in automated runs */
export function codeLimits(leniency: number): CodeLimits {
  return { perChallenge: 5 * leniency, untilWait: 10 * leniency, untilClosed: 20 * leniency };
}
