/** What a page says when a code was not taken: one wording for wrong, used and expired. */
import type { FieldError, FormRefusal } from '../platform/forms.js';
import { wait } from '../platform/wording.js';
import type { ChargeRefusal, WrongCode } from './code-charge.service.js';

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

type Refused = Exclude<ChargeRefusal | WrongCode, { outcome: 'challenge-over' }>;

/** @param isSmsUnderWay whether the code may have come by SMS */
export function refusalOf(outcome: Refused, { isSmsUnderWay = false } = {}): FormRefusal {
  switch (outcome.outcome) {
    case 'wrong-code':
      return isSmsUnderWay ? wrongCodeOfEither : wrongCode;
    case 'waiting':
      return waiting(outcome.seconds);
    case 'closed':
      return closed;
  }
}

/** Where a session goes that ended with its challenge. */
export const challengeOverPage = '/login?notice=too-many-codes';
