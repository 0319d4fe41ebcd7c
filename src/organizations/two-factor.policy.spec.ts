import { isSamePolicy, normalizePolicy } from './two-factor.policy.js';

describe('the policy', () => {
  it('switches SMS off with two-factor', () => {
    expect(normalizePolicy({ twoFactorRequired: false, smsAllowed: true })).toEqual({ twoFactorRequired: false, smsAllowed: false });
    expect(normalizePolicy({ twoFactorRequired: true, smsAllowed: true })).toEqual({ twoFactorRequired: true, smsAllowed: true });
    expect(normalizePolicy({ twoFactorRequired: true, smsAllowed: false })).toEqual({ twoFactorRequired: true, smsAllowed: false });
  });

  it('is compared switch by switch', () => {
    const policy = { twoFactorRequired: true, smsAllowed: false };
    expect(isSamePolicy(policy, { ...policy })).toBe(true);
    expect(isSamePolicy(policy, { ...policy, smsAllowed: true })).toBe(false);
    expect(isSamePolicy(policy, { ...policy, twoFactorRequired: false })).toBe(false);
  });
});
