import { hours, minutes } from '../../platform/clock.js';
import { attemptsAtMost, waitAfterAttempt } from './mail-retries.js';

describe('a mail that was not taken', () => {
  it('is tried again after 1, 5, 15 and 60 minutes, 4 and 12 hours, and then given up', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map(waitAfterAttempt);
    expect(waits).toEqual([minutes(1), minutes(5), minutes(15), minutes(60), hours(4), hours(12), undefined, undefined]);
    expect(waitAfterAttempt(attemptsAtMost - 1)).toBe(hours(12));
    expect(waitAfterAttempt(attemptsAtMost)).toBeUndefined();
  });
});
