import { dateOf, monthOf, startOfDay, startOfMonth, startOfNextDay, startOfNextMonth } from './calendar.js';

describe('days and months', () => {
  it.each([
    ['2026-11-24T12:00:15.500Z', '2026-11-24', '2026-11-25', '2026-11-01', '2026-12-01'],
    ['2026-11-24T00:00:00.000Z', '2026-11-24', '2026-11-25', '2026-11-01', '2026-12-01'],
    ['2026-12-31T23:59:59.999Z', '2026-12-31', '2027-01-01', '2026-12-01', '2027-01-01'],
    ['2028-02-29T10:00:00.000Z', '2028-02-29', '2028-03-01', '2028-02-01', '2028-03-01'],
    ['2026-02-28T10:00:00.000Z', '2026-02-28', '2026-03-01', '2026-02-01', '2026-03-01'],
    ['2026-03-29T01:30:00.000Z', '2026-03-29', '2026-03-30', '2026-03-01', '2026-04-01'],
  ])('begin and end in UTC: %s', (instant, day, nextDay, month, nextMonth) => {
    const at = new Date(instant);
    expect(startOfDay(at)).toEqual(new Date(day));
    expect(startOfNextDay(at)).toEqual(new Date(nextDay));
    expect(startOfMonth(at)).toEqual(new Date(month));
    expect(startOfNextMonth(at)).toEqual(new Date(nextMonth));
    expect(dateOf(at)).toBe(day);
    expect(monthOf(at)).toBe(month.slice(0, 7));
  });
});
