import { Page } from '../platform/answer.js';
import type { FieldError } from '../platform/forms.js';
import type { Factor } from '../sessions/domain/step-up.policy.js';

export type StepUpRefusal = { readonly status: number; readonly errors: readonly FieldError[]; readonly retryAfterSeconds?: number };

export function stepUpPage(factor: Factor, returnTo: string, refusal?: StepUpRefusal): Page {
  return new Page('auth/step-up', { factor, returnTo, errors: refusal?.errors }, refusal?.status, refusal?.retryAfterSeconds);
}
