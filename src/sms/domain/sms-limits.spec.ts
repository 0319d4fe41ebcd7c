import { after, hours, minutes } from '../../platform/clock.js';
import { type Caps, type LimitName, messagesAt, reachedPercent, smsLimits } from './sms-limits.js';

const now = new Date('2026-11-24T12:00:15.500Z');
const caps: Caps = { leniency: 1, dailyCap: 1_000, budget: 300 };
const limitsOf = (part: Partial<Caps> = {}, at = now) => smsLimits({ ...caps, ...part }, at);
const limitOf = (name: LimitName, part: Partial<Caps> = {}, at = now) => {
  const limit = limitsOf(part, at).find((each) => each.name === name);
  if (!limit) throw new Error(`no limit ${name}`);
  return limit;
};

describe('the limits of messages by SMS', () => {
  it.each([
    ['minute', 'user', 1, minutes(1), 'taken'],
    ['number', 'number', 3, minutes(10), 'answered'],
    ['user-hour', 'user', 5, hours(1), 'answered'],
    ['user-day', 'user', 10, hours(24), 'answered'],
    ['address', 'address', 60, hours(1), 'paid'],
    ['prefix', 'prefix', 50, hours(1), 'paid'],
  ] as const)('%s count by %s: %i in %i milliseconds', (name, by, allowed, window, counts) => {
    const limit = limitOf(name);
    expect(limit).toMatchObject({ by, allowed, counts, since: after(now, -window) });
    const blocking = after(now, -window / 2);
    expect(limit.until(blocking)).toEqual(after(blocking, window));
  });

  it.each([
    ['organization-day', 'organization', 500, '2026-11-24', '2026-11-25'],
    ['installation-day', 'everybody', 1_000, '2026-11-24', '2026-11-25'],
    ['budget', 'organization', 300, '2026-11-01', '2026-12-01'],
  ] as const)('%s count by %s: %i from %s to %s, in UTC', (name, by, allowed, from, to) => {
    const limit = limitOf(name);
    expect(limit).toMatchObject({ by, allowed, counts: 'paid', since: after(new Date(from), -1) });
    expect(limit.until(now)).toEqual(new Date(to));
  });

  it('end the year with its last day', () => {
    const last = new Date('2026-12-31T23:59:59.999Z');
    for (const name of ['installation-day', 'budget'] as const) expect(limitOf(name, {}, last).until(last)).toEqual(new Date('2027-01-01'));
  });

  it('have no budget where there is none, and nothing in one of nought', () => {
    expect(limitsOf({ budget: null })).toHaveLength(limitsOf().length - 1);
    expect(limitsOf({ budget: null }).map(({ name }) => name)).not.toContain('budget');
    expect(limitOf('budget', { budget: 0 }).allowed).toBe(0);
  });

  it.each([
    [1_000, 500],
    [999, 500],
    [240, 120],
    [200, 100],
    [2, 100],
    [0, 100],
  ])('leave an organization of an installation with %i a day %i of them', (dailyCap, allowed) => {
    expect(limitOf('organization-day', { dailyCap }).allowed).toBe(allowed);
  });

  it('are a hundred times as wide for a person where they are relaxed, and as they are for the bill', () => {
    const allowed = limitsOf({ leniency: 100 }).map((limit) => [limit.name, limit.allowed]);
    expect(allowed).toEqual([
      ['minute', 100],
      ['number', 300],
      ['user-hour', 500],
      ['user-day', 1_000],
      ['address', 6_000],
      ['prefix', 5_000],
      ['organization-day', 500],
      ['budget', 300],
      ['installation-day', 1_000],
    ]);
  });
});

describe('a budget', () => {
  it.each([
    [10, 8],
    [5, 4],
    [4, 4],
    [3, 3],
    [1, 1],
    [0, 0],
    [1_000, 800],
    [999, 800],
  ])('of %i is 80 percent used with %i messages', (budget, messages) => {
    expect(messagesAt(80, budget)).toBe(messages);
  });

  it.each([
    [7, 10, undefined],
    [8, 10, 80],
    [9, 10, 80],
    [10, 10, 100],
    [11, 10, 100],
    [0, 1, undefined],
    [1, 1, 100],
    [1, 2, undefined],
    [2, 2, 100],
  ])('has had %i of %i messages: %p', (used, budget, percent) => {
    expect(reachedPercent(used, budget)).toBe(percent);
  });
});
