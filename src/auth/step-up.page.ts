import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import type { Factor } from '../sessions/domain/step-up.policy.js';
import type { KeptForm } from '../sessions/kept-forms.service.js';

/** Where a step-up leads: to a page, or to what a form that waits asked for. */
export type StepUpTarget = { readonly returnTo: string; readonly form?: KeptForm | undefined };

export function stepUpPage(factor: Factor, { returnTo, form }: StepUpTarget, refusal?: FormRefusal): Page {
  const model = { factor, returnTo, form: form && { id: form.id, words: form.words }, errors: refusal?.errors };
  return new Page('auth/step-up', model, refusal?.status, refusal?.retryAfterSeconds);
}
