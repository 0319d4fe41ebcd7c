/** What became of a message, and what that means for limits and bill. */
import type { SmsState } from '../../generated/prisma/enums.js';

/** What the provider took, or is being asked to take. */
export const takenStates: readonly SmsState[] = ['SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED'];

/** What it answered to, and may have taken. */
export const answeredStates: readonly SmsState[] = [...takenStates, 'UNKNOWN'];

/** What is on the bill, or may be: also where it did not answer. */
export const paidStates: readonly SmsState[] = [...answeredStates, 'UNANSWERED'];
