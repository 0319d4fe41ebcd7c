import { Page } from '../platform/answer.js';
import type { FieldError } from '../platform/forms.js';
import { wait } from '../platform/wording.js';

const notices = {
  expired: 'You were signed out because 24 hours have passed. Sign in again.',
  overdue: 'The time for the code is over: 15 minutes. Sign in again.',
  'too-many-codes': 'Too many wrong codes. Sign in again to get another try.',
  'signed-out': 'You are signed out.',
} as const;

const isNotice = (value: unknown): value is keyof typeof notices => typeof value === 'string' && Object.hasOwn(notices, value);

export type SignInPage = { readonly returnTo: string | undefined; readonly username?: string; readonly notice?: unknown };
export type SignInRefusal = { readonly status: number; readonly errors: readonly FieldError[]; readonly retryAfterSeconds?: number };

export const wrongPassword: SignInRefusal = {
  status: 401,
  errors: [{ field: '', message: 'That username or password is not right. Check both and try again.' }],
};

export function tooManyPasswords(seconds: number): SignInRefusal {
  return { status: 429, errors: [{ field: '', message: `Too many tries. Try again in ${wait(seconds)}.` }], retryAfterSeconds: seconds };
}

export function signInPage({ returnTo, username = '', notice }: SignInPage, refusal?: SignInRefusal): Page {
  const model = { username, returnTo, notice: isNotice(notice) ? notices[notice] : undefined, errors: refusal?.errors };
  return new Page('auth/login', model, refusal?.status, refusal?.retryAfterSeconds);
}
