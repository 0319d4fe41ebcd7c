/** Addresses that were not invited, and why. */

export const skipReasons = ['member', 'open', 'limit', 'stopped'] as const;
export type Skipped = {
  readonly email: string;
  /** A member already; invited already; as many mails as may be went to it, or out from here, today; or its turn came too late. */
  readonly why: (typeof skipReasons)[number];
};
