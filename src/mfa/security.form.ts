/** Profile > Security: the member's own switch. */
import { z } from 'zod';
import { checkbox } from '../platform/forms.js';

export const securityForm = z.object({ smsEnabled: checkbox() });
