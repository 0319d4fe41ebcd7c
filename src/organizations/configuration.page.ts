import { Page } from '../platform/answer.js';
import type { FieldError, Kept } from '../platform/forms.js';
import { countries } from '../platform/phone-number.js';
import { dateAndTime } from '../platform/wording.js';
import type { Member } from '../sessions/visit.js';
import { keptCountries } from './configuration.form.js';
import type { Coverage, PolicyChange, SmsSettings } from './organization.store.js';
import { smsMonth, type SmsMonth } from './sms-month.page.js';
import type { TwoFactorPolicy } from './two-factor.policy.js';

export type ConfigurationState = {
  readonly coverage: Coverage;
  readonly lastChange: PolicyChange | undefined;
  readonly sms: { readonly isConnected: boolean; readonly settings: SmsSettings; readonly month: SmsMonth };
};

export type ConfigurationOutcome = {
  readonly notice?: string;
  readonly refused?: { readonly errors: readonly FieldError[]; readonly kept: Kept };
};

export function configurationPage(
  { organization, authenticatorSince }: Member,
  { coverage, lastChange, sms }: ConfigurationState,
  { notice, refused }: ConfigurationOutcome,
): Page {
  const { members, enrolled, chose } = coverage;
  const model = {
    organizationName: organization.name,
    ...(refused ? typed(refused.kept, sms.settings) : stored(organization, sms.settings)),
    isRequiredNow: organization.twoFactorRequired,
    coverage: { members, enrolled, toEnroll: members - enrolled },
    youAreEnrolled: authenticatorSince !== null,
    youAreOneOfThem: authenticatorSince === null,
    keptOn: chose,
    lastChange: lastChange && { by: lastChange.by, at: dateAndTime(lastChange.at), text: policyText(lastChange.after) },
    smsConnected: sms.isConnected,
    month: smsMonth(sms.month, sms.settings.smsMonthlyBudget),
    notice,
    errors: refused?.errors,
  };
  return new Page('organizations/configuration', model, refused ? 422 : 200);
}

function stored({ twoFactorRequired, smsAllowed }: TwoFactorPolicy, { smsCountries, smsMonthlyBudget }: SmsSettings) {
  return { twoFactorRequired, smsAllowed, smsMonthlyBudget: smsMonthlyBudget ?? '', ...countryChoices(smsCountries) };
}

/** A refused form keeps what was typed, and what is stored where the post did not speak of it. */
function typed(kept: Kept, { smsCountries, smsMonthlyBudget }: SmsSettings) {
  return {
    twoFactorRequired: kept['twoFactorRequired'] === 'on',
    smsAllowed: kept['smsAllowed'] === 'on',
    smsMonthlyBudget: kept['smsMonthlyBudget'] ?? smsMonthlyBudget ?? '',
    ...countryChoices(keptCountries(kept) ?? smsCountries),
  };
}

function countryChoices(chosen: readonly string[]) {
  const all = countries.map(({ code, name }) => ({ code, name, isOn: chosen.includes(code) }));
  const choices = [...all.filter(({ isOn }) => isOn), ...all.filter(({ isOn }) => !isOn)];
  return { countries: choices, chosenCountries: choices.flatMap(({ name, isOn }) => (isOn ? [name] : [])) };
}

function policyText({ twoFactorRequired, smsAllowed }: TwoFactorPolicy): string {
  if (!twoFactorRequired) return 'switched two-factor authentication off';
  return smsAllowed
    ? 'required two-factor authentication and allowed codes by SMS'
    : 'required two-factor authentication, without codes by SMS';
}
