/** Addresses that were not invited, and why. */

export const skipReasons = ['member', 'open', 'limit'] as const;
export type Skipped = {
  readonly email: string;
  /** A member already; invited already; or as many mails as may be went to it, or out from here, today. */
  readonly why: (typeof skipReasons)[number];
};
