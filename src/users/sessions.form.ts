/** Profile > Sessions: which one to end. */
import { z } from 'zod';

export const endSessionForm = z.object({ session: z.uuid('Choose a session from the list.') });
