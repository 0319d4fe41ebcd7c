import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import { wait } from '../platform/wording.js';
import type { MemberVisit } from '../sessions/visit.js';

/** One wording for a wrong code, a used one, and one of a set that was renewed. */
export const wrongRecoveryCode: FormRefusal = {
  status: 401,
  errors: [{ field: 'recoveryCode', message: 'That recovery code is not right. Each works once; try another of your newest set.' }],
};

export function tooManyRecoveryCodes(seconds: number): FormRefusal {
  return {
    status: 429,
    errors: [{ field: '', message: `Too many wrong recovery codes. Try again in ${wait(seconds)}.` }],
    retryAfterSeconds: seconds,
  };
}

export function recoveryPage({ member }: MemberVisit, refusal?: FormRefusal): Page {
  const { username, organization } = member;
  const model = { username, organizationName: organization.name, errors: refusal?.errors };
  return new Page('mfa/recovery', model, refusal?.status, refusal?.retryAfterSeconds);
}
