/** One code in six boxes. */
import { z } from 'zod';
import { sixDigits } from '../platform/forms.js';

export const codeForm = z.object({ code: sixDigits() });
