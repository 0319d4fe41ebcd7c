/** The forms on Organization > People. */
import { z } from 'zod';
import { hidden, repeated, text } from '../platform/forms.js';

export const roleForm = z.object({ role: z.enum(['OWNER', 'ADMIN', 'AGENT'], 'Choose a role from the list.') });

/**
 * The page puts a hidden field beside the checkbox: a post that does not speak of it asks for a new password. `approves` comes
 * with the answer to a lost phone: what was withdrawn meanwhile cannot be approved.
 */
export const resetForm = z
  .object({
    reason: text('a reason', { max: 500 }),
    newPassword: z.literal('on', { error: repeated }).optional(),
    newPasswordOffered: hidden(),
    approves: z.literal('lost-phone', { error: repeated }).optional(),
  })
  .transform(({ reason, newPassword, newPasswordOffered, approves }) => ({
    reason,
    isApproval: approves !== undefined,
    newPassword: newPasswordOffered === undefined || newPassword === 'on',
  }));

export const lostPhoneForm = z.object({ note: text('a note', { max: 500, optional: true }) });
