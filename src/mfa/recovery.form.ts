/** One recovery code, however it was written down. */
import { z } from 'zod';
import { repeated } from '../platform/forms.js';
import { readRecoveryCode } from './domain/recovery-code.js';

const message = 'Enter one of your recovery codes: 26 letters and digits.';

export const recoveryForm = z.object({
  recoveryCode: z.string({ error: (issue) => (issue.input === undefined ? message : repeated) }).transform((typed, context) => {
    const code = readRecoveryCode(typed);
    if (code !== undefined) return code;
    context.addIssue(message);
    return z.NEVER;
  }),
});
