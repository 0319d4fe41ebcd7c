/** The strongest factor once more, and where to go with it. */
import { z } from 'zod';
import { codeForm } from '../mfa/code.form.js';
import { hidden, typedPassword } from '../platform/forms.js';

export const stepUpCodeForm = codeForm.extend({ returnTo: hidden() });
export const stepUpPasswordForm = z.object({ password: typedPassword('Enter your password.'), returnTo: hidden() });
