import { Page } from '../platform/answer.js';
import { dateAndTime, noticeOf } from '../platform/wording.js';
import type { Member } from '../sessions/visit.js';
import type { FormRefusal } from '../platform/forms.js';

const notices = {
  replaced: 'Your new authenticator is in use. The old one does not work any more.',
  chosen: 'Two-factor authentication is on. From now on you are asked for a code when you sign in.',
  left: 'Two-factor authentication is off for you. Your authenticator is kept, in case you turn it on again.',
} as const;

/** @param done which change has just been made, from the address */
export function securityPage({ organization, choseTwoFactor, authenticatorSince }: Member, done: unknown): Page {
  return new Page('mfa/security', {
    organizationName: organization.name,
    required: organization.twoFactorRequired,
    chosen: choseTwoFactor,
    authenticator: authenticatorSince ? { since: dateAndTime(authenticatorSince) } : undefined,
    notice: noticeOf(notices, done),
  });
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
