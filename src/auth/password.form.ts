/** The forms around passwords: changed, forgotten, chosen anew. */
import { z } from 'zod';
import { text, typedPassword } from '../platform/forms.js';

export const forgottenForm = z.object({ username: text('your username', { max: 254 }) });
export const forgottenKept = ['username'];

export const resetForm = z.object({ password: typedPassword('Choose a new password.') });

export const changeForm = z.object({
  currentPassword: typedPassword('Enter your current password.'),
  password: typedPassword('Choose a new password.'),
});
