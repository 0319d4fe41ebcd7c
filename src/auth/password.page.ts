import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import { noticeOf, wait } from '../platform/wording.js';
import type { ShownLink } from '../sessions/link-token.js';

type Forgotten = { readonly hasMail: boolean; readonly isSent?: boolean; readonly username?: string };

export function forgottenPage({ hasMail, isSent = false, username = '' }: Forgotten, refusal?: FormRefusal): Page {
  const model = { hasMail, isSent, username, errors: refusal?.errors };
  return new Page('auth/password-forgot', model, refusal?.status, refusal?.retryAfterSeconds);
}

export function tooManyLinks(seconds: number): FormRefusal {
  return {
    status: 429,
    errors: [{ field: '', message: `Too many links were asked for. Try again in ${wait(seconds)}.` }],
    retryAfterSeconds: seconds,
  };
}

export function resetPage(link: ShownLink, refusal?: FormRefusal): Page {
  return new Page('auth/password-reset', { link, errors: refusal?.errors }, refusal?.status);
}

/** One page for a link that was used, is over, was taken over by a newer one, or never was one. */
export function deadResetLinkPage(): Page {
  return new Page('auth/password-reset-dead', {}, 404);
}

const notices = { yes: 'Your password is changed. Every other session of yours was ended.' } as const;

export function changePage(outcome: { readonly saved?: unknown; readonly refusal?: FormRefusal }): Page {
  const { saved, refusal } = outcome;
  const model = { notice: noticeOf(notices, saved), errors: refusal?.errors };
  return new Page('auth/password-change', model, refusal?.status, refusal?.retryAfterSeconds);
}

export const wrongCurrentPassword: FormRefusal = {
  status: 401,
  errors: [{ field: 'currentPassword', message: 'That is not your current password. Try again.' }],
};

export function refusedPassword(message: string): FormRefusal {
  return { status: 422, errors: [{ field: 'password', message }] };
}
