import { Page } from '../platform/answer.js';
import type { FieldError, Kept } from '../platform/forms.js';
import { type CountryCode, shownNumber } from '../platform/phone-number.js';
import { roleNames } from '../sessions/role-names.js';
import type { Member } from '../sessions/visit.js';
import type { Details } from './user.store.js';

type Refused = { readonly errors: readonly FieldError[]; readonly kept: Kept };
type Shown = { readonly country: CountryCode; readonly isSaved: boolean };

export function detailsPage(member: Member, { name, email, phoneNumber }: Details, { country, isSaved }: Shown): Page {
  const values = { name, email: email ?? '', phoneNumber: phoneNumber === null ? '' : shownNumber(phoneNumber, country) };
  return new Page('users/details', { values, ...account(member), notice: isSaved ? 'Your details are saved.' : undefined });
}

/** What was typed before a step-up, to be saved now. */
export function keptDetailsPage(member: Member, kept: Kept): Page {
  return new Page('users/details', { values: kept, ...account(member), notice: 'Thank you. Now save your details.' });
}

export function refusedDetailsPage(member: Member, { errors, kept }: Refused): Page {
  return new Page('users/details', { values: kept, ...account(member), errors }, 422);
}

function account({ username, role }: Member) {
  return { username, role: roleNames[role] };
}
