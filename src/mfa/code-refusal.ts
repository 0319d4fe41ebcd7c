/** What a page says when a code was not taken: one wording for wrong, used and expired. */
import type { FieldError } from '../platform/forms.js';
import { wait } from '../platform/wording.js';
import type { CodeOutcome } from './code-check.service.js';

export type CodeRefusal = { readonly status: number; readonly errors: readonly FieldError[]; readonly retryAfterSeconds?: number };

export function refusedFields(errors: readonly FieldError[]): CodeRefusal {
  return { status: 422, errors };
}

export const wrongCode: CodeRefusal = {
  status: 401,
  errors: [{ field: 'code', message: 'That code is not right. Wait for the next one in your authenticator app and try again.' }],
};

export const closed: CodeRefusal = {
  status: 403,
  errors: [{ field: '', message: 'Your second factor is closed after too many wrong codes. No code is taken until it is opened again.' }],
};

export function waiting(seconds: number): CodeRefusal {
  return {
    status: 429,
    errors: [{ field: '', message: `Too many wrong codes. Try again in ${wait(seconds)}.` }],
    retryAfterSeconds: seconds,
  };
}

export function refusalOf(outcome: Extract<CodeOutcome, { outcome: 'wrong-code' | 'waiting' | 'closed' }>): CodeRefusal {
  switch (outcome.outcome) {
    case 'wrong-code':
      return wrongCode;
    case 'waiting':
      return waiting(outcome.seconds);
    case 'closed':
      return closed;
  }
}

/** Where a session goes that ended with its challenge. */
export const challengeOverPage = '/login?notice=too-many-codes';
