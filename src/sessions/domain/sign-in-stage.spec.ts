import { after, hours, minutes } from '../../platform/clock.js';
import {
  deriveEnding,
  deriveSignInStage,
  type HalfOpenStage,
  halfOpenOf,
  type SecondFactorMethod,
  type SignInFacts,
} from './sign-in-stage.js';

const now = new Date('2026-11-24T12:00:00Z');
const enrolled = after(now, -hours(2));
const password: SignInFacts = {
  expiresAt: after(now, hours(1)),
  secondFactorAt: null,
  secondFactorMethod: null,
  halfOpenStage: null,
  halfOpenSince: null,
  deactivatedAt: null,
  choseTwoFactor: false,
  twoFactorRequired: false,
  twoFactorFrom: null,
  smsAllowed: false,
  smsAllowedSince: null,
  authenticatorSince: null,
};

describe('the sign-in stage', () => {
  it('is recorded while something is owed in it', () => {
    const stages = ['anonymous', 'enrollment', 'challenge', 'signedIn'] as const;
    expect(stages.map(halfOpenOf)).toEqual([null, 'enrollment', 'challenge', null]);
  });

  it('is anonymous without a session', () => {
    expect(deriveSignInStage(undefined, now)).toBe('anonymous');
  });

  it.each<[string, Partial<SignInFacts>, string]>([
    ['nothing is asked for', {}, 'signedIn'],
    ['nothing is asked for, though an authenticator is there', { authenticatorSince: enrolled }, 'signedIn'],
    ['the organization asks, no authenticator yet', { twoFactorRequired: true }, 'enrollment'],
    ['the member chose it, no authenticator yet', { choseTwoFactor: true }, 'enrollment'],
    ['the organization asks, enrolled, nothing proven', { twoFactorRequired: true, authenticatorSince: enrolled }, 'challenge'],
    ['the member chose it, enrolled, nothing proven', { choseTwoFactor: true, authenticatorSince: enrolled }, 'challenge'],
    ['proven by the authenticator', { twoFactorRequired: true, authenticatorSince: enrolled, ...proof('TOTP', now) }, 'signedIn'],
    [
      'proven in the instant of enrolling',
      { twoFactorRequired: true, authenticatorSince: enrolled, ...proof('TOTP', enrolled) },
      'signedIn',
    ],
    [
      'proven before the authenticator was replaced',
      { twoFactorRequired: true, authenticatorSince: now, ...proof('TOTP', enrolled) },
      'challenge',
    ],
    ['proven, and the authenticator is gone', { twoFactorRequired: true, ...proof('TOTP', now) }, 'enrollment'],
    [
      'proven by SMS while SMS is allowed',
      { twoFactorRequired: true, smsAllowed: true, authenticatorSince: enrolled, ...proof('SMS', now) },
      'signedIn',
    ],
    [
      'proven by SMS, which is not allowed any more',
      { twoFactorRequired: true, authenticatorSince: enrolled, ...proof('SMS', now) },
      'challenge',
    ],
    [
      'proven by SMS in the instant from which SMS is allowed',
      { twoFactorRequired: true, smsAllowed: true, smsAllowedSince: now, authenticatorSince: enrolled, ...proof('SMS', now) },
      'signedIn',
    ],
    [
      'proven by SMS before SMS was switched off and on again',
      { twoFactorRequired: true, smsAllowed: true, smsAllowedSince: now, authenticatorSince: enrolled, ...proof('SMS', after(now, -1)) },
      'challenge',
    ],
    [
      'proven by the authenticator before SMS was switched on',
      { twoFactorRequired: true, smsAllowed: true, smsAllowedSince: now, authenticatorSince: enrolled, ...proof('TOTP', after(now, -1)) },
      'signedIn',
    ],
    ['the day from which it is asked is still to come', { twoFactorRequired: true, twoFactorFrom: after(now, 1) }, 'signedIn'],
    ['that day has come', { twoFactorRequired: true, twoFactorFrom: now }, 'enrollment'],
    [
      'that day is still to come, and the member is enrolled',
      { twoFactorRequired: true, twoFactorFrom: after(now, 1), authenticatorSince: enrolled },
      'challenge',
    ],
    [
      'that day is still to come, and the member chose two-factor',
      { twoFactorRequired: true, twoFactorFrom: after(now, 1), choseTwoFactor: true },
      'enrollment',
    ],
    ['proven by a recovery code', { twoFactorRequired: true, authenticatorSince: enrolled, ...proof('RECOVERY_CODE', now) }, 'signedIn'],
  ])('%s', (_, facts, stage) => {
    expect(deriveSignInStage({ ...password, ...facts }, now)).toBe(stage);
  });

  it.each<[string, Partial<SignInFacts>, string]>([
    ['the 24 hours are over', { expiresAt: now }, 'expired'],
    ['the user is deactivated', { deactivatedAt: enrolled }, 'deactivated'],
    ['enrollment took 15 minutes', { twoFactorRequired: true, ...entered('enrollment', 15) }, 'overdue'],
    ['the challenge took 15 minutes', { twoFactorRequired: true, authenticatorSince: enrolled, ...entered('challenge', 15) }, 'overdue'],
  ])('is anonymous when %s', (_, facts, ending) => {
    expect(deriveEnding({ ...password, ...facts }, now)).toBe(ending);
    expect(deriveSignInStage({ ...password, ...facts }, now)).toBe('anonymous');
  });

  it('lives to the last moment of its 24 hours and of its 15 minutes', () => {
    expect(deriveSignInStage({ ...password, expiresAt: after(now, 1) }, now)).toBe('signedIn');
    expect(deriveSignInStage({ ...password, twoFactorRequired: true, ...entered('enrollment', 14.99) }, now)).toBe('enrollment');
  });

  it('is not brought back from its end by another policy or another stage', () => {
    expect(deriveEnding({ ...password, twoFactorRequired: true, authenticatorSince: enrolled, ...entered('enrollment', 15) }, now)).toBe(
      'overdue',
    );
    expect(deriveEnding({ ...password, ...entered('challenge', 15) }, now)).toBe('overdue');
    expect(deriveSignInStage({ ...password, ...entered('challenge', 14.99) }, now)).toBe('signedIn');
  });

  it('never lets in, over all combinations of facts, whom two-factor is asked of and who has not proven it', () => {
    let combinations = 0;
    for (const facts of everyCombination()) {
      combinations += 1;
      const stage = deriveSignInStage(facts, now);
      const isGrace = facts.twoFactorFrom !== null && now < facts.twoFactorFrom && !facts.authenticatorSince;
      const isAsked = facts.choseTwoFactor || (facts.twoFactorRequired && !isGrace);
      const isOverdue = facts.halfOpenSince !== null && facts.halfOpenSince <= after(now, -minutes(15));
      const isOver = facts.deactivatedAt !== null || facts.expiresAt <= now || isOverdue;
      if (isOver) expect(stage).toBe('anonymous');
      if (stage === 'signedIn' && isAsked) {
        expect(facts.authenticatorSince).not.toBeNull();
        expect(facts.secondFactorAt?.getTime()).toBeGreaterThanOrEqual(Number(facts.authenticatorSince));
        if (!facts.smsAllowed) expect(facts.secondFactorMethod).not.toBe('SMS');
      }
      if (stage === 'enrollment') expect(facts.authenticatorSince).toBeNull();
      if (stage === 'challenge') expect(facts.authenticatorSince).not.toBeNull();
      if (!isAsked && !isOver) expect(stage).toBe('signedIn');
    }
    expect(combinations).toBe(2 * 2 * 3 * 2 * 2 * 2 * 2 * 3 * 3 * 3 * 3 * 3);
  });
});

function proof(method: SecondFactorMethod, at: Date) {
  return { secondFactorMethod: method, secondFactorAt: at };
}

function entered(stage: HalfOpenStage, minutesAgo: number) {
  return { halfOpenStage: stage, halfOpenSince: after(now, -minutes(minutesAgo)) };
}

function* everyCombination(): Generator<SignInFacts> {
  const flags = [false, true];
  const instants = [null, after(now, -hours(3)), after(now, -minutes(1))];
  for (const twoFactorRequired of flags)
    for (const choseTwoFactor of flags)
      for (const twoFactorFrom of [null, now, after(now, 1)])
        for (const smsAllowed of flags)
          for (const smsAllowedSince of [null, after(now, -minutes(30))])
            for (const deactivatedAt of [null, enrolled])
              for (const expiresAt of [now, after(now, hours(1))])
                for (const authenticatorSince of [null, enrolled, now])
                  for (const secondFactorAt of instants)
                    for (const secondFactorMethod of ['TOTP', 'SMS', 'RECOVERY_CODE'] as const)
                      for (const halfOpenStage of [null, 'enrollment', 'challenge'] as const)
                        for (const halfOpenSince of instants)
                          yield {
                            twoFactorRequired,
                            choseTwoFactor,
                            twoFactorFrom,
                            smsAllowed,
                            smsAllowedSince,
                            deactivatedAt,
                            expiresAt,
                            authenticatorSince,
                            secondFactorAt,
                            secondFactorMethod: secondFactorAt && secondFactorMethod,
                            halfOpenStage,
                            halfOpenSince,
                          };
}
