/** The set-up page: the organization and its owner. */
import { z } from 'zod';
import { text, typedPassword } from '../platform/forms.js';
import { emailAddress } from '../users/details.form.js';
import { chosenUsername } from '../users/username.js';

export const setupForm = z.object({
  organizationName: text("the organization's name", { max: 100 }),
  name: text('your name', { max: 100 }),
  username: chosenUsername(),
  email: emailAddress({ optional: false }),
  password: typedPassword('Choose a password.'),
});

export type SetupForm = z.output<typeof setupForm>;
export const setupKept = ['organizationName', 'name', 'username', 'email'];
