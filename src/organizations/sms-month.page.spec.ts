import type { CountryUse } from '../sms/sms-use.store.js';
import { type SmsMonth, smsMonth } from './sms-month.page.js';

const now = new Date('2026-11-24T12:00:00Z');
const month = (given: Partial<SmsMonth> = {}): SmsMonth => ({ now, byCountry: [], costs: [], refusals: [], ...given });
const use = (country: string, state: CountryUse['state'], messages: number): CountryUse => ({ country, state, messages });

describe('the month of an organization', () => {
  it('counts against the budget all that was sent or may have been, and not what was refused', () => {
    const byCountry = [
      use('NL', 'SENDING', 1),
      use('NL', 'SENT', 2),
      use('NL', 'DELIVERED', 4),
      use('NL', 'UNDELIVERED', 8),
      use('NL', 'UNKNOWN', 16),
      use('NL', 'REFUSED', 32),
      use('BE', 'SENT', 64),
    ];
    const shown = smsMonth(month({ byCountry }), 190);
    expect(shown).toMatchObject({ name: 'November 2026', used: 95, budget: 190, usedPercent: 50 });
    expect(shown.rows).toEqual([
      { country: 'Belgium', sent: 64, delivered: 0, undelivered: 0, unknown: 0, refused: 0 },
      { country: 'Netherlands', sent: 31, delivered: 4, undelivered: 8, unknown: 16, refused: 32 },
    ]);
  });

  it('knows no budget, a budget of none, and one that is more than used up', () => {
    const byCountry = [use('NL', 'SENT', 3)];
    expect(smsMonth(month({ byCountry }), null)).toMatchObject({ budget: undefined, usedPercent: undefined });
    expect(smsMonth(month({ byCountry }), 0)).toMatchObject({ budget: 0, usedPercent: undefined });
    expect(smsMonth(month({ byCountry }), 2)).toMatchObject({ budget: 2, usedPercent: 100 });
  });
});
