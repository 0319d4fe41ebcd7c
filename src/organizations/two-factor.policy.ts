/** What an organization asks of its people at sign-in. */

export type TwoFactorPolicy = { readonly twoFactorRequired: boolean; readonly smsAllowed: boolean };

/** SMS is the other way to answer a challenge, so it cannot be on where nothing is asked. */
export function normalizePolicy({ twoFactorRequired, smsAllowed }: TwoFactorPolicy): TwoFactorPolicy {
  return { twoFactorRequired, smsAllowed: twoFactorRequired && smsAllowed };
}

export function isSamePolicy(a: TwoFactorPolicy, b: TwoFactorPolicy): boolean {
  return a.twoFactorRequired === b.twoFactorRequired && a.smsAllowed === b.smsAllowed;
}
