import { after as later, hours } from '../platform/clock.js';
import {
  isDateInReach,
  isLoosened,
  isPutOff,
  isSamePolicy,
  isSwitchedOff,
  policyAfter,
  type TwoFactorPolicy,
} from './two-factor.policy.js';

const now = new Date('2026-11-24T12:00:00Z');
const day = (count: number) => later(now, hours(24 * count));
const off: TwoFactorPolicy = { twoFactorRequired: false, smsAllowed: false, twoFactorFrom: null };
const on: TwoFactorPolicy = { ...off, twoFactorRequired: true };

describe('the policy', () => {
  it('switches SMS off with two-factor', () => {
    expect(policyAfter(on, { twoFactorRequired: false, smsAllowed: true, twoFactorFrom: null })).toEqual(off);
    expect(policyAfter(off, { twoFactorRequired: true, smsAllowed: true, twoFactorFrom: null })).toEqual({ ...on, smsAllowed: true });
    expect(policyAfter(off, { twoFactorRequired: true, smsAllowed: false, twoFactorFrom: null })).toEqual(on);
  });

  it.each<[string, TwoFactorPolicy, boolean, Date | null | undefined, Date | null]>([
    ['takes a date that is asked for', on, true, day(7), day(7)],
    ['takes none for at once', { ...on, twoFactorFrom: day(7) }, true, null, null],
    ['keeps it where the post does not speak of it', { ...on, twoFactorFrom: day(7) }, true, undefined, day(7)],
    ['keeps it when it is switched off', { ...on, twoFactorFrom: day(7) }, false, day(9), day(7)],
    ['keeps it when it is switched off without a word of it', { ...on, twoFactorFrom: day(7) }, false, null, day(7)],
    ['has it again when it is switched on again', { ...off, twoFactorFrom: day(7) }, true, undefined, day(7)],
  ])('%s', (_, before, twoFactorRequired, twoFactorFrom, expected) => {
    expect(policyAfter(before, { twoFactorRequired, smsAllowed: false, twoFactorFrom }).twoFactorFrom).toEqual(expected);
  });

  it('takes no date of the past and none of the far future, but the one that stands already', () => {
    const reaches = (before: Date | null, after: Date | null) =>
      isDateInReach({ ...on, twoFactorFrom: before }, { ...on, twoFactorFrom: after }, now);
    expect(reaches(null, null)).toBe(true);
    expect(reaches(day(1), null)).toBe(true);
    expect(reaches(null, later(now, 1))).toBe(true);
    expect(reaches(null, now)).toBe(false);
    expect(reaches(null, day(366))).toBe(true);
    expect(reaches(null, later(day(366), 1))).toBe(false);
    expect(reaches(day(-3), day(-3))).toBe(true);
    expect(reaches(day(-3), day(-2))).toBe(false);
  });

  it('is compared by both switches and the date', () => {
    expect(isSamePolicy(on, { ...on })).toBe(true);
    expect(isSamePolicy({ ...on, twoFactorFrom: day(1) }, { ...on, twoFactorFrom: day(1) })).toBe(true);
    expect(isSamePolicy(on, { ...on, smsAllowed: true })).toBe(false);
    expect(isSamePolicy(on, off)).toBe(false);
    expect(isSamePolicy(on, { ...on, twoFactorFrom: day(1) })).toBe(false);
  });

  it.each<[string, TwoFactorPolicy, TwoFactorPolicy, boolean]>([
    ['switched on', off, on, false],
    ['switched on for a later day', off, { ...on, twoFactorFrom: day(7) }, false],
    ['switched on with SMS', off, { ...on, smsAllowed: true }, false],
    ['switched off', on, off, true],
    ['SMS allowed', on, { ...on, smsAllowed: true }, true],
    ['SMS switched off', { ...on, smsAllowed: true }, on, false],
    ['put off from today', on, { ...on, twoFactorFrom: day(7) }, true],
    ['put off to a later day', { ...on, twoFactorFrom: day(7) }, { ...on, twoFactorFrom: day(8) }, true],
    [
      'SMS switched off, and the day as it stands',
      { ...on, smsAllowed: true, twoFactorFrom: day(7) },
      { ...on, twoFactorFrom: day(7) },
      false,
    ],
    ['brought forward', { ...on, twoFactorFrom: day(7) }, { ...on, twoFactorFrom: day(6) }, false],
    ['brought forward to today', { ...on, twoFactorFrom: day(7) }, on, false],
  ])('is loosened or not: %s', (_, before, after, expected) => {
    expect(isLoosened(before, after)).toBe(expected);
    if (isSwitchedOff(before, after) || isPutOff(before, after)) expect(expected).toBe(true);
  });
});
