import { Page } from '../platform/answer.js';
import { secondsUntil } from '../platform/clock.js';
import { wait } from '../platform/wording.js';
import type { MemberVisit } from '../sessions/visit.js';
import type { FormRefusal } from '../platform/forms.js';
import type { Standing } from './code-tries.store.js';
import type { AppEntry } from './domain/totp.js';

type Challenge = { readonly entry: AppEntry; readonly standing: Standing; readonly now: Date };

export function challengePage({ member }: MemberVisit, { entry, standing, now }: Challenge, refusal?: FormRefusal): Page {
  const model = {
    username: member.username,
    organizationName: member.organization.name,
    appEntry: { issuer: entry.issuer, account: entry.account },
    waiting: standing.state === 'waiting' ? { minutesText: wait(secondsUntil(standing.until, now)) } : undefined,
    closed: standing.state === 'closed',
    errors: refusal?.errors,
  };
  return new Page('mfa/challenge', model, refusal?.status, refusal?.retryAfterSeconds);
}
