/** Whether a code may be sent, and answered, by SMS: only while four conditions hold. */

export type SmsFacts = {
  readonly twoFactorRequired: boolean;
  readonly smsAllowed: boolean;
  /** E.164 */
  readonly phoneNumber: string | null;
  /** the member's own switch */
  readonly smsEnabled: boolean;
  /** an SMS provider is configured */
  readonly isConnected: boolean;
};

/** The first condition that does not hold. */
export type SmsObstacle = 'policy' | 'no-number' | 'switched-off' | 'not-connected';

/** @returns undefined when nothing stands in the way */
export function smsObstacle(facts: SmsFacts): SmsObstacle | undefined {
  if (!facts.twoFactorRequired || !facts.smsAllowed) return 'policy';
  if (facts.phoneNumber === null) return 'no-number';
  if (!facts.smsEnabled) return 'switched-off';
  return facts.isConnected ? undefined : 'not-connected';
}
