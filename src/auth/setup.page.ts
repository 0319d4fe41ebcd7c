import { Page } from '../platform/answer.js';
import type { FieldError, Kept } from '../platform/forms.js';

const empty: Kept = { organizationName: '', name: '', username: '', email: '' };

export function setupPage(token: string, refused?: { readonly errors: readonly FieldError[]; readonly kept: Kept }): Page {
  const model = { token, values: { ...empty, ...refused?.kept }, errors: refused?.errors };
  return new Page('auth/setup', model, refused ? 422 : 200);
}
