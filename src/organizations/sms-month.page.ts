/** What an organization used of codes by SMS this month, as its configuration page shows it. */
import { countryName } from '../platform/phone-number.js';
import { dateAndTime, monthAndYear } from '../platform/wording.js';
import { paidStates } from '../sms/domain/sms-states.js';
import type { Cost, CountryUse, Refusals } from '../sms/sms-use.store.js';

export type SmsMonth = {
  readonly now: Date;
  readonly byCountry: readonly CountryUse[];
  readonly costs: readonly Cost[];
  readonly refusals: readonly Refusals[];
};

type State = CountryUse['state'];

const reasons: Readonly<Record<string, string>> = {
  minute: 'one a minute for a member',
  number: 'three in ten minutes for a number',
  'user-hour': 'five an hour for a member',
  'user-day': 'ten a day for a member',
  address: 'sixty an hour from one network address',
  prefix: 'fifty an hour for numbers that begin alike',
  'organization-day': 'the organization’s share of the day',
  budget: 'the month’s budget',
  'installation-day': 'the installation’s cap for the day',
  country: 'a country that codes may not go to',
  'number-kind': 'a number that takes no SMS',
};

export function smsMonth({ now, byCountry, costs, refusals }: SmsMonth, budget: number | null) {
  const used = sum(byCountry, paidStates);
  return {
    name: monthAndYear(now),
    rows: [...new Set(byCountry.map(({ country }) => country))].sort().map((country) =>
      rowOf(
        country,
        byCountry.filter((use) => use.country === country),
      ),
    ),
    used,
    budget: budget ?? undefined,
    usedPercent: budget ? Math.min(100, Math.round((used / budget) * 100)) : undefined,
    costs: costs.map(({ currency, amount }) => `${currency} ${amount}`),
    refusals: refusals.map(({ reason, count, lastAt }) => ({ reason: reasons[reason] ?? reason, count, lastAt: dateAndTime(lastAt) })),
  };
}

function rowOf(country: string, uses: readonly CountryUse[]) {
  return {
    country: countryName(country),
    sent: sum(uses, paidStates),
    delivered: sum(uses, ['DELIVERED']),
    undelivered: sum(uses, ['UNDELIVERED']),
    unknown: sum(uses, ['UNKNOWN', 'UNANSWERED']),
    refused: sum(uses, ['REFUSED']),
  };
}

function sum(uses: readonly CountryUse[], states: readonly State[]): number {
  return uses.filter(({ state }) => states.includes(state)).reduce((total, { messages }) => total + messages, 0);
}
