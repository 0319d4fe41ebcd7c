import { isOffered, type SmsFacts, smsObstacle } from './sms-offer.js';

const all: SmsFacts = {
  twoFactorRequired: true,
  smsAllowed: true,
  phoneNumber: '+31612345678',
  smsEnabled: true,
  isConnected: true,
};

describe('codes by SMS', () => {
  it('are offered while all four conditions hold', () => {
    expect(smsObstacle(all)).toBeUndefined();
  });

  it.each([
    ['two-factor is not required', { twoFactorRequired: false }, 'policy'],
    ['the organization does not allow them', { smsAllowed: false }, 'policy'],
    ['there is no number', { phoneNumber: null }, 'no-number'],
    ['the member switched them off', { smsEnabled: false }, 'switched-off'],
    ['no provider is connected', { isConnected: false }, 'not-connected'],
  ] as const)('are not when %s', (_, part, obstacle) => {
    expect(smsObstacle({ ...all, ...part })).toBe(obstacle);
  });

  it.each([
    ['two-factor is not required', { twoFactorRequired: false }, false],
    ['the organization does not allow them', { smsAllowed: false }, false],
    ['no provider is connected', { isConnected: false }, false],
    ['a member has no number', { phoneNumber: null }, true],
    ['a member switched them off', { smsEnabled: false }, true],
  ])('are offered to an organization or not, where %s', (_, part, offered) => {
    expect(isOffered({ ...all, ...part })).toBe(offered);
  });
});
