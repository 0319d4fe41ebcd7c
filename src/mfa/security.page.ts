import { Page } from '../platform/answer.js';
import { dateAndTime, dayOf, maskedNumber, noticeOf } from '../platform/wording.js';
import type { Member, MemberVisit } from '../sessions/visit.js';
import type { FormRefusal } from '../platform/forms.js';
import type { RecoveryStanding } from './recovery-code.store.js';
import { recoveryModel } from './recovery-codes.page.js';
import type { SmsStanding } from './sms-codes.service.js';

const notices = {
  replaced: 'Your new authenticator is in use. The old one does not work any more.',
  chosen: 'Two-factor authentication is on. From now on you are asked for a code when you sign in.',
  left: 'Two-factor authentication is off for you. Your authenticator is kept, in case you turn it on again.',
  'sms-on': 'Codes by SMS are on.',
  'sms-off': 'Codes by SMS are off. Nothing is sent to your number any more.',
  verified: 'The code was right: codes by SMS reach you.',
} as const;

export type SecurityOutcome = {
  /** which change has just been made, from the address */
  readonly done?: unknown;
  readonly refusal?: FormRefusal;
};

type Standings = { readonly sms: SmsStanding; readonly recovery: RecoveryStanding };

export function securityPage({ member, session }: MemberVisit, { sms, recovery }: Standings, { done, refusal }: SecurityOutcome): Page {
  const { organization, choseTwoFactor, authenticatorSince } = member;
  const model = {
    organizationName: organization.name,
    required: organization.twoFactorRequired,
    // Signed in without an authenticator: it is asked for from a later day on.
    requiredFrom: authenticatorSince === null && organization.twoFactorFrom ? dayOf(organization.twoFactorFrom) : undefined,
    chosen: choseTwoFactor,
    authenticator: authenticatorSince ? { since: dateAndTime(authenticatorSince) } : undefined,
    recovery: recoveryModel(recovery),
    cameByRecoveryCode: session.secondFactorMethod === 'RECOVERY_CODE',
    sms: smsModel(member, sms),
    notice: noticeOf(notices, done),
    errors: refusal?.errors,
  };
  return new Page('mfa/security', model, refusal?.status);
}

function smsModel({ organization }: Member, { phoneNumber, phoneVerifiedAt, smsEnabled, obstacle }: SmsStanding) {
  const isAllowed = organization.twoFactorRequired && organization.smsAllowed;
  return {
    isAllowed,
    isConnected: obstacle !== 'not-connected',
    isOn: smsEnabled,
    to: phoneNumber === null ? undefined : maskedNumber(phoneNumber),
    verified: phoneVerifiedAt ? dateAndTime(phoneVerifiedAt) : undefined,
    canTest: obstacle === undefined,
    needsNumber: isAllowed && phoneNumber === null,
  };
}

export type Choice = 'choose' | 'leave';

const choices = {
  choose: {
    action: '/profile/two-factor/choose',
    title: 'Turn on two-factor for yourself',
    explanation: 'Type a current code from your authenticator app. From then on you are asked for one whenever you sign in.',
    button: 'Turn on two-factor',
  },
  leave: {
    action: '/profile/two-factor/leave',
    title: 'Turn off two-factor for yourself',
    explanation: 'Type a current code from your authenticator app. From then on your password alone signs you in.',
    button: 'Turn off two-factor',
  },
} as const;

export function choicePage(choice: Choice, refusal?: FormRefusal): Page {
  return new Page('mfa/two-factor-code', { ...choices[choice], errors: refusal?.errors }, refusal?.status, refusal?.retryAfterSeconds);
}
