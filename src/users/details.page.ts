import { Page } from '../platform/answer.js';
import type { FieldError, Kept } from '../platform/forms.js';
import { roleNames } from '../sessions/role-names.js';
import type { Member } from '../sessions/visit.js';
import type { Details } from './user.store.js';

type Refused = { readonly errors: readonly FieldError[]; readonly kept: Kept };

export function detailsPage(member: Member, details: Details, { isSaved }: { isSaved: boolean }): Page {
  const values = { name: details.name, email: details.email ?? '' };
  return new Page('users/details', {
    values,
    username: member.username,
    role: roleNames[member.role],
    notice: isSaved ? 'Your details are saved.' : undefined,
  });
}

export function refusedDetailsPage(member: Member, { errors, kept }: Refused): Page {
  return new Page('users/details', { values: kept, username: member.username, role: roleNames[member.role], errors }, 422);
}
