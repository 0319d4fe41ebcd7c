import { dateAndTime, maskedAddress, wait } from './wording.js';

describe('wording', () => {
  it.each([
    [0.2, '1 second'],
    [30, '30 seconds'],
    [90, '2 minutes'],
    [900, '15 minutes'],
    [3600, '60 minutes'],
    [7200, '2 hours'],
  ])('a wait of %d seconds is %s', (seconds, words) => {
    expect(wait(seconds)).toBe(words);
  });

  it('shows the beginning of an address, and where it is', () => {
    expect(maskedAddress('nina.new@acme.test')).toBe('n…@acme.test');
  });

  it('says the date and the time with its zone', () => {
    expect(dateAndTime(new Date('2026-11-24T15:04:00Z'))).toBe('24 November 2026, 15:04 UTC');
  });
});
