/** When a mail that was not taken is tried again. */
import { hours, minutes } from '../../platform/clock.js';

const waits = [minutes(1), minutes(5), minutes(15), minutes(60), hours(4), hours(12)];

/** However each of them ended, also with its process. */
export const attemptsAtMost = waits.length + 1;

/**
 * Milliseconds to wait after a failed attempt.
 * @param attempt the first one is 1
 * @returns undefined after the last one: the mail is given up
 */
export function waitAfterAttempt(attempt: number): number | undefined {
  return waits[attempt - 1];
}
