import { after, hours, minutes } from '../../platform/clock.js';
import { hasFreshProof, strongestFactor } from './step-up.policy.js';

const now = new Date('2026-11-24T12:00:00Z');
const enrolled = after(now, -hours(2));

describe('step-up', () => {
  it('asks for the strongest factor that the member has', () => {
    expect(strongestFactor(enrolled)).toBe('code');
    expect(strongestFactor(null)).toBe('password');
  });

  it.each([
    ['a code of 9 minutes ago', minutes(60), minutes(9), enrolled, true],
    ['a code of 10 minutes ago', minutes(1), minutes(10), enrolled, false],
    ['a password of 9 minutes ago, without an authenticator', minutes(9), null, null, true],
    ['a password of 10 minutes ago, without an authenticator', minutes(10), null, null, false],
    ['only a password, though there is an authenticator', minutes(1), null, enrolled, false],
  ])('%s', (_, passwordAge, codeAge, authenticatorSince, isFresh) => {
    const proofs = { passwordAt: after(now, -passwordAge), secondFactorAt: codeAge === null ? null : after(now, -codeAge) };
    expect(hasFreshProof(proofs, authenticatorSince, now)).toBe(isFresh);
  });
});
