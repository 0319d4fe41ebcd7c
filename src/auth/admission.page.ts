import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import type { ShownLink } from '../sessions/link-token.js';

/** The link is open; its button admits the browser. */
export function admissionPage(link: ShownLink, refusal?: FormRefusal): Page {
  return new Page('auth/sign-in-link', { state: 'open', link, errors: refusal?.errors }, refusal?.status);
}

/** One page whether a link was sent or not. */
export function linkSentPage(): Page {
  return new Page('auth/sign-in-link', { state: 'sent' });
}

/** One page for a link that was used, is over, was taken over by a newer one, or never was one. */
export function deadAdmissionLinkPage(): Page {
  return new Page('auth/sign-in-link', { state: 'over' }, 404);
}
