import type { RecordContent } from '../audit/audit-content.js';
import { detailsOf, whoOf } from '../audit/audit-log.page.js';
import { Page } from '../platform/answer.js';
import { dateOf, startOfNextDay } from '../platform/calendar.js';
import { after } from '../platform/clock.js';
import type { FieldError, Kept } from '../platform/forms.js';
import { countries } from '../platform/phone-number.js';
import { dateAndTime, dayOf } from '../platform/wording.js';
import type { Member } from '../sessions/visit.js';
import { keptCountries } from './configuration.form.js';
import type { SmsSettings } from './organization.store.js';
import { smsMonth, type SmsMonth } from './sms-month.page.js';
import type { Touched } from './touched-members.store.js';
import { longestGrace, type TwoFactorPolicy } from './two-factor.policy.js';

export type ConfigurationState = {
  readonly now: Date;
  /** How many chose two-factor for themselves. */
  readonly chose: number;
  readonly touched: Touched;
  readonly lastChange: RecordContent | undefined;
  readonly sms: { readonly isConnected: boolean; readonly settings: SmsSettings; readonly month: SmsMonth };
};

export type ConfigurationOutcome = {
  readonly notice?: string;
  readonly refused?: { readonly errors: readonly FieldError[]; readonly kept: Kept };
};

export function configurationPage(
  { userId, organization, authenticatorSince }: Member,
  { now, chose, touched, lastChange, sms }: ConfigurationState,
  { notice, refused }: ConfigurationOutcome,
): Page {
  const [enrolled, toEnroll] = [touched.enrolled.total, touched.notEnrolled.total];
  const model = {
    organizationName: organization.name,
    ...(refused ? typed(refused.kept, organization, sms.settings) : stored(organization, sms.settings)),
    isRequiredNow: organization.twoFactorRequired,
    deadline: deadlineOf(organization, now),
    earliestDate: dateField(startOfNextDay(now)),
    latestDate: dateField(after(now, longestGrace)),
    coverage: { members: enrolled + toEnroll, enrolled, toEnroll },
    touched: touchedGroups(touched, userId),
    youAreEnrolled: authenticatorSince !== null,
    youAreOneOfThem: authenticatorSince === null,
    keptOn: chose,
    lastChange: lastChange && { by: whoOf(lastChange), at: dateAndTime(lastChange.at), ...changeOf(lastChange) },
    smsConnected: sms.isConnected,
    month: smsMonth(sms.month, sms.settings.smsMonthlyBudget),
    notice,
    errors: refused?.errors,
  };
  return new Page('organizations/configuration', model, refused ? 422 : 200);
}

function stored({ twoFactorRequired, smsAllowed, twoFactorFrom }: TwoFactorPolicy, { smsCountries, smsMonthlyBudget }: SmsSettings) {
  const budget = smsMonthlyBudget ?? '';
  return {
    twoFactorRequired,
    smsAllowed,
    twoFactorFrom: dateField(twoFactorFrom),
    smsMonthlyBudget: budget,
    ...countryChoices(smsCountries),
  };
}

/** A refused form keeps what was typed, and what is stored where the post did not speak of it. */
function typed(kept: Kept, { twoFactorFrom }: TwoFactorPolicy, { smsCountries, smsMonthlyBudget }: SmsSettings) {
  return {
    twoFactorRequired: kept['twoFactorRequired'] === 'on',
    smsAllowed: kept['smsAllowed'] === 'on',
    twoFactorFrom: kept['twoFactorFrom'] ?? dateField(twoFactorFrom),
    reason: kept['reason'],
    smsMonthlyBudget: kept['smsMonthlyBudget'] ?? smsMonthlyBudget ?? '',
    ...countryChoices(keptCountries(kept) ?? smsCountries),
  };
}

/** Of a policy that is on: while it is off, nobody is asked, whatever day is stored. */
function deadlineOf({ twoFactorRequired, twoFactorFrom }: TwoFactorPolicy, now: Date): string | undefined {
  return twoFactorRequired && twoFactorFrom && twoFactorFrom > now ? dayOf(twoFactorFrom) : undefined;
}

/** As an input of type date has it. */
function dateField(instant: Date | null): string {
  return instant ? dateOf(instant) : '';
}

function touchedGroups(touched: Touched, userId: string) {
  const group = (name: keyof Touched, label: string, href?: string) => {
    const { total, first } = touched[name];
    const names = first.map((member) => ({ name: member.name, username: member.username, isYou: member.userId === userId }));
    return { id: name, label, href, total, names, more: total - names.length };
  };
  return [
    group('notEnrolled', 'without an authenticator app', '/organization/people?filter=not-enrolled'),
    group('enrolled', 'with an authenticator app', '/organization/people?sort=-enrolled'),
    group('withoutNumber', 'without a mobile number', '/organization/people?filter=no-number'),
    group('signedIn', 'signed in now'),
  ];
}

function changeOf(record: RecordContent) {
  const { before, after } = detailsOf(record);
  return { before, after };
}

function countryChoices(chosen: readonly string[]) {
  const all = countries.map(({ code, name }) => ({ code, name, isOn: chosen.includes(code) }));
  const choices = [...all.filter(({ isOn }) => isOn), ...all.filter(({ isOn }) => !isOn)];
  return { countries: choices, chosenCountries: choices.flatMap(({ name, isOn }) => (isOn ? [name] : [])) };
}
