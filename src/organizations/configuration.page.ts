import { Page } from '../platform/answer.js';
import type { FieldError } from '../platform/forms.js';
import { dateAndTime } from '../platform/wording.js';
import type { Member } from '../sessions/visit.js';
import type { Coverage, PolicyChange } from './organization.store.js';
import type { TwoFactorPolicy } from './two-factor.policy.js';

export type ConfigurationState = { readonly coverage: Coverage; readonly lastChange: PolicyChange | undefined };
type Outcome = { readonly notice?: string; readonly errors?: readonly FieldError[]; readonly status?: number };

export function configurationPage(
  { organization, authenticatorSince }: Member,
  { coverage, lastChange }: ConfigurationState,
  outcome: Outcome = {},
): Page {
  const { members, enrolled, chose } = coverage;
  const model = {
    organizationName: organization.name,
    twoFactorRequired: organization.twoFactorRequired,
    smsAllowed: organization.smsAllowed,
    coverage: { members, enrolled, toEnroll: members - enrolled },
    youAreEnrolled: authenticatorSince !== null,
    youAreOneOfThem: authenticatorSince === null,
    keptOn: chose,
    lastChange: lastChange && { by: lastChange.by, at: dateAndTime(lastChange.at), text: policyText(lastChange.after) },
    smsAvailable: false,
    notice: outcome.notice,
    errors: outcome.errors,
  };
  return new Page('organizations/configuration', model, outcome.status ?? 200);
}

function policyText({ twoFactorRequired, smsAllowed }: TwoFactorPolicy): string {
  if (!twoFactorRequired) return 'switched two-factor authentication off';
  return smsAllowed
    ? 'required two-factor authentication and allowed codes by SMS'
    : 'required two-factor authentication, without codes by SMS';
}
