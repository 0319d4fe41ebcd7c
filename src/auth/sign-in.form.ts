/** The sign-in form. */
import { z } from 'zod';
import { text, typedPassword } from '../platform/forms.js';

export const signInForm = z.object({
  username: text('your username', { max: 254 }),
  password: typedPassword('Enter your password.'),
});

export const signInKept = ['username'];
