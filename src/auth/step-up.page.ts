import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import type { RefusalPage } from '../platform/refusal.js';
import type { Factor } from '../sessions/domain/step-up.policy.js';
import type { KeptForm } from '../sessions/kept-forms.service.js';

/**
 * Where a step-up leads: to a page, or to what a form that waits asked for.
 * @property isFormGone a form was named, and waits no more
 */
export type StepUpTarget = { readonly returnTo: string; readonly form?: KeptForm | undefined; readonly isFormGone?: boolean };

export function stepUpPage(factor: Factor, { returnTo, form }: StepUpTarget, refusal?: FormRefusal): Page {
  const model = { factor, returnTo, form: form && { id: form.id, words: form.words }, errors: refusal?.errors };
  return new Page('auth/step-up', model, refusal?.status, refusal?.retryAfterSeconds);
}

/** The page had promised that the proof would finish it. */
export function changeNotMade(returnTo: string): RefusalPage {
  return {
    status: 422,
    title: 'Your change was not made',
    message: 'Another one took its place, or it waited for more than 10 minutes.',
    hint: 'You have proven who you are: for 10 minutes you are not asked again.',
    link: { href: returnTo, text: 'Go back, and make it once more' },
  };
}
