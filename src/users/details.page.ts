import { Page } from '../platform/answer.js';
import type { FieldError, Kept } from '../platform/forms.js';
import { type CountryCode, shownNumber } from '../platform/phone-number.js';
import { roleNames } from '../sessions/role-names.js';
import type { Member } from '../sessions/visit.js';

type Refused = { readonly country: CountryCode; readonly kept: Kept; readonly errors: readonly FieldError[] };
type Shown = { readonly country: CountryCode; readonly isSaved: boolean };

export function detailsPage(member: Member, { country, isSaved }: Shown): Page {
  const values = valuesOf(member, country);
  return new Page('users/details', { values, ...account(member), notice: isSaved ? 'Your details are saved.' : undefined });
}

export function refusedDetailsPage(member: Member, { country, kept, errors }: Refused): Page {
  return new Page('users/details', { values: { ...valuesOf(member, country), ...kept }, ...account(member), errors }, 422);
}

/** What is stored fills the fields of which a post does not speak, so that the next one does not empty them. */
function valuesOf({ name, email, phoneNumber }: Member, country: CountryCode): Kept {
  return { name, email: email ?? '', phoneNumber: phoneNumber === null ? '' : shownNumber(phoneNumber, country) };
}

function account({ username, role }: Member) {
  return { username, role: roleNames[role] };
}
