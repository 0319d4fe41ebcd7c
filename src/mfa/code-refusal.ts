/** What a page says when a code was not taken: one wording for wrong, used and expired. */
import type { FieldError, FormRefusal } from '../platform/forms.js';
import { wait } from '../platform/wording.js';
import type { ChargeRefusal, WrongCode } from './code-charge.service.js';
import type { UncheckedCode } from './code-check.service.js';

export function refusedFields(errors: readonly FieldError[]): FormRefusal {
  return { status: 422, errors };
}

export const wrongCode: FormRefusal = {
  status: 401,
  errors: [{ field: 'code', message: 'That code is not right. Wait for the next one in your authenticator app and try again.' }],
};

const closed: FormRefusal = {
  status: 403,
  errors: [{ field: '', message: 'Your second factor is closed after too many wrong codes. No code is taken until it is opened again.' }],
};

function waiting(seconds: number): FormRefusal {
  return {
    status: 429,
    errors: [{ field: '', message: `Too many wrong codes. Try again in ${wait(seconds)}.` }],
    retryAfterSeconds: seconds,
  };
}

/** For a code that may have come by SMS. */
const wrongCodeOfEither: FormRefusal = {
  status: 401,
  errors: [
    {
      field: 'code',
      message: 'That code is not right. Use the newest SMS, or wait for the next code in your authenticator app, and try again.',
    },
  ],
};

/** No `Retry-After`: it takes somebody who puts it right. */
const notChecked: FormRefusal = {
  status: 503,
  errors: [
    {
      field: '',
      message:
        'Your authenticator cannot be checked, because what is stored of it here cannot be read. It is not your mistake, and the code was not counted. Sign in with a recovery code, or ask an administrator or owner to reset your two-factor.',
    },
  ],
};

type Refused = Exclude<ChargeRefusal | WrongCode | UncheckedCode, { outcome: 'challenge-over' }>;

/** @param isSmsUnderWay whether the code may have come by SMS */
export function refusalOf(outcome: Refused, { isSmsUnderWay = false } = {}): FormRefusal {
  switch (outcome.outcome) {
    case 'wrong-code':
      return isSmsUnderWay ? wrongCodeOfEither : wrongCode;
    case 'waiting':
      return waiting(outcome.seconds);
    case 'closed':
      return closed;
    case 'not-checked':
      return notChecked;
  }
}

/** Where a session goes that ended with its challenge. */
export const challengeOverPage = '/login?notice=too-many-codes';
