import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import type { Factor } from '../sessions/domain/step-up.policy.js';

export function stepUpPage(factor: Factor, returnTo: string, refusal?: FormRefusal): Page {
  return new Page('auth/step-up', { factor, returnTo, errors: refusal?.errors }, refusal?.status, refusal?.retryAfterSeconds);
}
