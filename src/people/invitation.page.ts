import { Page } from '../platform/answer.js';
import type { FormRefusal, Kept } from '../platform/forms.js';
import { dateAndTime, wait } from '../platform/wording.js';
import type { OpenInvitation } from './invitation.store.js';

/** An e-mail address is a fine username, so the invited one stands there to begin with. */
export function invitationPage(
  { id, organizationName, inviter, email, expiresAt }: OpenInvitation,
  refusal?: FormRefusal,
  kept: Kept = {},
): Page {
  const values = { name: '', username: email, ...kept };
  const model = { id, joining: organizationName, inviter, email, until: dateAndTime(expiresAt), values, errors: refusal?.errors };
  return new Page('people/invitation', model, refusal?.status, refusal?.retryAfterSeconds);
}

/** One page for a link that was used or withdrawn, is over, was taken over by a newer one, or never was one. */
export function deadInvitationPage(): Page {
  return new Page('people/invitation-dead', {}, 404);
}

export function wrongField(field: 'username' | 'password', message: string): FormRefusal {
  return { status: 422, errors: [{ field, message }] };
}

export const anotherInvitation: FormRefusal = {
  status: 422,
  errors: [{ field: '', message: 'Another invitation was opened in this browser since. This is that one: look whom you join.' }],
};

export function tooManyTries(seconds: number): FormRefusal {
  return { status: 429, errors: [{ field: '', message: `Too many tries. Try again in ${wait(seconds)}.` }], retryAfterSeconds: seconds };
}
