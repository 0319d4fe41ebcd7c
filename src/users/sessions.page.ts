import { Page } from '../platform/answer.js';
import type { FormRefusal } from '../platform/forms.js';
import { deviceName } from '../platform/user-agent.js';
import { dateAndTime, noticeOf } from '../platform/wording.js';
import type { ListedSession } from '../sessions/member-sessions.store.js';
import type { MemberVisit } from '../sessions/visit.js';

const notices = {
  one: 'That session is ended.',
  others: 'All other sessions are ended. This is the only one left.',
} as const;

const provenBy = {
  TOTP: 'password and authenticator app',
  SMS: 'password and code by SMS',
  RECOVERY_CODE: 'password and recovery code',
} as const;

type Outcome = { readonly done?: unknown; readonly refusal?: FormRefusal };

export function sessionsPage({ session }: MemberVisit, sessions: readonly ListedSession[], { done, refusal }: Outcome): Page {
  const shown = sessions.map((one) => ({ ...row(one), isThis: one.id === session.id }));
  const model = {
    sessions: [...shown.filter(({ isThis }) => isThis), ...shown.filter(({ isThis }) => !isThis)],
    hasOthers: shown.some(({ isThis }) => !isThis),
    notice: noticeOf(notices, done),
    errors: refusal?.errors,
  };
  return new Page('users/sessions', model, refusal?.status);
}

function row({ id, userAgent, address, startedAt, lastSeenAt, secondFactorMethod, isHalfOpen }: ListedSession) {
  return {
    id,
    device: deviceName(userAgent),
    address,
    since: dateAndTime(startedAt),
    lastSeen: dateAndTime(lastSeenAt),
    by: secondFactorMethod ? provenBy[secondFactorMethod] : 'password',
    isHalfOpen,
  };
}
