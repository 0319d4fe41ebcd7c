/** The forms around invitations. */
import { z } from 'zod';
import { hidden, nameText, repeated, typedPassword } from '../platform/forms.js';
import { isEmailAddress } from '../users/details.form.js';
import { chosenUsername } from '../users/username.js';
import { readPastedAddresses } from './domain/pasted-addresses.js';
import { roleForm } from './people.form.js';

const atOnce = 100;

/** One address or many: all that are none are named, and then nobody is invited. */
function pastedAddresses() {
  return z.string({ error: (issue) => (issue.input === undefined ? none : repeated) }).transform((typed, context) => {
    const { addresses, malformed } = readPastedAddresses(typed, isEmailAddress);
    const problem = problemOf(addresses.length, malformed);
    if (problem !== undefined) context.addIssue(problem);
    return addresses;
  });
}

const none = 'Enter at least one e-mail address.';

function problemOf(count: number, malformed: readonly string[]): string | undefined {
  if (malformed.length === 1) return `This is no e-mail address: ${shown(malformed)}`;
  if (malformed.length > 1) return `These are no e-mail addresses: ${shown(malformed)}`;
  if (count === 0) return none;
  return count > atOnce ? `Invite at most ${atOnce} addresses at a time: these are ${count}.` : undefined;
}

const shown = (malformed: readonly string[]) =>
  malformed.map((typed) => (typed.length > 80 ? `${typed.slice(0, 80)}…` : typed)).join(' · ');

export const inviteForm = z.object({ emails: pastedAddresses(), role: roleForm.shape.role });

/** Which sending the page showed. */
export const resendForm = z.object({ sent: hidden() });

export const acceptForm = z.object({
  /** Which invitation the page showed. */
  invitation: hidden(),
  name: nameText('your name', { max: 100 }),
  username: chosenUsername(),
  password: typedPassword('Choose a password.'),
});
export type AcceptForm = Omit<z.output<typeof acceptForm>, 'invitation'>;
export const acceptKept = ['name', 'username'];
