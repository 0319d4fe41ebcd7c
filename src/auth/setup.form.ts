/** The set-up page: the organization and its owner. */
import { z } from 'zod';
import { nameText, typedPassword } from '../platform/forms.js';
import { emailAddress } from '../users/details.form.js';
import { chosenUsername } from '../users/username.js';

export const setupForm = z.object({
  organizationName: nameText("the organization's name", { max: 100 }),
  name: nameText('your name', { max: 100 }),
  username: chosenUsername(),
  email: emailAddress({ optional: false }),
  password: typedPassword('Choose a password.'),
});

export type SetupForm = z.output<typeof setupForm>;
export const setupKept = ['organizationName', 'name', 'username', 'email'];
