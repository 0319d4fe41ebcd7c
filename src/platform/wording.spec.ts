import { dateAndTime, dayOf, daysLeft, maskedAddress, maskedNumber, monthAndYear, noticeOf, timeOfDay, wait } from './wording.js';

describe('wording', () => {
  it.each([
    [0.2, '1 second'],
    [30, '30 seconds'],
    [90, '2 minutes'],
    [900, '15 minutes'],
    [3600, '60 minutes'],
    [5400, '90 minutes'],
    [5401, '2 hours'],
    [7200, '2 hours'],
    [172_800, '48 hours'],
    [172_801, '3 days'],
    [604_800, '7 days'],
  ])('a wait of %d seconds is %s', (seconds, words) => {
    expect(wait(seconds)).toBe(words);
  });

  it('shows the beginning of an address, and where it is', () => {
    expect(maskedAddress('nina.new@acme.test')).toBe('n…@acme.test');
  });

  it('shows the last two digits of a number', () => {
    expect(maskedNumber('+31612345678')).toBe('number ending in 78');
  });

  it.each([
    [1, '1 day'],
    [86_400, '1 day'],
    [86_401, '2 days'],
    [604_800, '7 days'],
  ])('counts the day that has begun in: of %d seconds %s are left', (seconds, words) => {
    expect(daysLeft(seconds)).toBe(words);
  });

  it.each([
    ['done', 'It is done.'],
    ['other', undefined],
    ['toString', undefined],
    ['', undefined],
    [undefined, undefined],
    [['done'], undefined],
    [{ done: 'done' }, undefined],
  ])('says of its own what an address names, and nothing that an address brings: %j', (value, words) => {
    expect(noticeOf({ done: 'It is done.' }, value)).toBe(words);
  });

  it('says the date and the time with its zone', () => {
    expect(dateAndTime(new Date('2026-11-24T15:04:00Z'))).toBe('24 November 2026, 15:04 UTC');
  });

  it.each([
    ['2026-11-30T23:59:00Z', '23:59 UTC', '30 November 2026', 'November 2026'],
    ['2026-12-01T00:00:00Z', '00:00 UTC', '1 December 2026', 'December 2026'],
  ])('says the time, the day and the month in UTC: %s', (instant, time, day, month) => {
    const at = new Date(instant);
    expect([timeOfDay(at), dayOf(at), monthAndYear(at)]).toEqual([time, day, month]);
  });
});
