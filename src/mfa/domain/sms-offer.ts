/** Whether a code may be sent, and answered, by SMS: only while four conditions hold. */

/** What is the same for everybody in an organization. */
export type SmsOfferFacts = {
  readonly twoFactorRequired: boolean;
  readonly smsAllowed: boolean;
  /** an SMS provider is configured */
  readonly isConnected: boolean;
};

export type SmsFacts = SmsOfferFacts & {
  /** E.164 */
  readonly phoneNumber: string | null;
  /** the member's own switch */
  readonly smsEnabled: boolean;
};

/** The first condition that does not hold. */
export type SmsObstacle = 'policy' | 'no-number' | 'switched-off' | 'not-connected';

/** @returns undefined when nothing stands in the way */
export function smsObstacle(facts: SmsFacts): SmsObstacle | undefined {
  if (!isAllowed(facts)) return 'policy';
  if (facts.phoneNumber === null) return 'no-number';
  if (!facts.smsEnabled) return 'switched-off';
  return facts.isConnected ? undefined : 'not-connected';
}

/** @returns false when nobody in the organization gets a code, whatever they chose */
export function isOffered(facts: SmsOfferFacts): boolean {
  return isAllowed(facts) && facts.isConnected;
}

function isAllowed({ twoFactorRequired, smsAllowed }: SmsOfferFacts): boolean {
  return twoFactorRequired && smsAllowed;
}
