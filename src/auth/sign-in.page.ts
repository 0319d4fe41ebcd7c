import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import { noticeOf, wait } from '../platform/wording.js';

const notices = {
  expired: 'You were signed out because 24 hours have passed. Sign in again.',
  overdue: 'The time for the code is over: 15 minutes. Sign in again.',
  'too-many-codes': 'Too many wrong codes. Sign in again to get another try.',
  'signed-out': 'You are signed out.',
  'invitation-accepted': 'You are a member now. Sign in with your username and password.',
  'browser-admitted': 'This browser may sign in now. You have half an hour.',
  'password-reset': 'Your new password is saved. Sign in with it.',
} as const;

export type SignInPage = {
  readonly returnTo?: string | undefined;
  readonly username?: string;
  readonly notice?: unknown;
  /** The username takes no password from this browser: the ways on are shown. */
  readonly closed?: { readonly hasMail: boolean };
};

export const wrongPassword: FormRefusal = {
  status: 401,
  errors: [{ field: '', message: 'That username or password is not right. Check both and try again.' }],
};

export function tooManyPasswords(seconds: number): FormRefusal {
  return { status: 429, errors: [{ field: '', message: `Too many tries. Try again in ${wait(seconds)}.` }], retryAfterSeconds: seconds };
}

/** The same words whether somebody has the username or not. */
export const closedToBrowser: FormRefusal = {
  status: 403,
  errors: [
    {
      field: '',
      message:
        'Too many wrong passwords were tried for this username, so it takes passwords only from browsers in which it signed in before.',
    },
  ],
};

export function signInPage({ returnTo, username = '', notice, closed }: SignInPage, refusal?: FormRefusal): Page {
  const model = { username, returnTo, notice: noticeOf(notices, notice), closed, errors: refusal?.errors };
  return new Page('auth/login', model, refusal?.status, refusal?.retryAfterSeconds);
}
