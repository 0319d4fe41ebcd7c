import { after, hours, minutes, seconds } from '../../platform/clock.js';
import { countersOfKnown, countersOfUnknown, mayBeCompared, passwordLimits } from './password-limits.js';

const now = new Date('2026-11-24T12:00:00Z');

describe('the limits of wrong passwords', () => {
  it('close a row after a hundred at most (NIST SP 800-63B-4), of a username and of a browser alike', () => {
    const limits = passwordLimits(1);
    expect([limits.row.free, limits['device-row'].free]).toEqual([100, 100]);
    expect(limits.row.firstWait).toBe(limits.row.longestWait);
    expect(limits.row.forgottenAfter).toBe(hours(24 * 365));
  });

  it('are multiplied for automated runs, rows too, and the waits are not', () => {
    const [normal, relaxed] = [passwordLimits(1), passwordLimits(100)];
    for (const by of [...countersOfKnown, ...countersOfUnknown]) {
      expect(relaxed[by]).toEqual({ ...normal[by], free: normal[by].free * 100 });
    }
  });

  it('slow a username and an address down for a minute at most, and the pair for an hour', () => {
    const { username, address, pair } = passwordLimits(1);
    expect([pair.free, username.free, address.free]).toEqual([5, 20, 10]);
    expect([pair, username, address].map(({ longestWait }) => longestWait)).toEqual([hours(1), minutes(1), minutes(1)]);
  });

  it('give a known browser the tries of a username at one address, and no counter that a stranger fills', () => {
    const limits = passwordLimits(1);
    expect(limits.device).toEqual(limits.pair);
    expect(countersOfKnown.filter((by) => (countersOfUnknown as readonly string[]).includes(by))).toEqual([]);
  });
});

describe('a wait', () => {
  const { pair, row } = passwordLimits(1);

  it('may come of a password that is being compared, while one is', () => {
    expect(mayBeCompared({ until: after(now, seconds(30)), failed: 5, pending: 1 }, pair, now)).toBe(true);
    expect(mayBeCompared({ until: after(now, seconds(30)), failed: 5, pending: 0 }, pair, now)).toBe(false);
  });

  it('that began longer ago than a comparison takes does not, whatever a process that died left behind', () => {
    const until = after(now, row.firstWait);
    expect(mayBeCompared({ until, failed: 100, pending: 1 }, row, after(now, seconds(29)))).toBe(true);
    expect(mayBeCompared({ until, failed: 100, pending: 1 }, row, after(now, minutes(1)))).toBe(false);
    expect(mayBeCompared({ until, failed: 100, pending: 1 }, row, after(now, seconds(30)))).toBe(false);
  });

  it.each([
    ['the first', 5, seconds(30)],
    ['the third', 7, minutes(2)],
    ['the longest', 12, hours(1)],
    ['one beyond the longest', 30, hours(1)],
  ])('of any length began when its length says: %s', (_, failed, length) => {
    const wait = { until: after(now, length), failed, pending: 1 };
    expect(mayBeCompared(wait, pair, after(now, seconds(29)))).toBe(true);
    expect(mayBeCompared(wait, pair, after(now, seconds(30)))).toBe(false);
  });
});
