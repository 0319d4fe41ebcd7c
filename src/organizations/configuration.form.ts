/** Organization > Configuration: two switches, saved by one post. */
import { z } from 'zod';
import { checkbox } from '../platform/forms.js';

export const configurationForm = z.object({ twoFactorRequired: checkbox(), smsAllowed: checkbox() });
