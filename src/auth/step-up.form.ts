/** The strongest factor once more. */
import { z } from 'zod';
import { typedPassword } from '../platform/forms.js';

export const passwordForm = z.object({ password: typedPassword('Enter your password.') });
