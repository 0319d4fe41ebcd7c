/** The strongest factor once more, and where to go with it. */
import { z } from 'zod';
import { codeForm } from '../mfa/code.form.js';
import { hidden, typedPassword } from '../platform/forms.js';

const where = { returnTo: hidden(), form: hidden() };
export const stepUpCodeForm = codeForm.extend(where);
export const stepUpPasswordForm = z.object({ password: typedPassword('Enter your password.'), ...where });
