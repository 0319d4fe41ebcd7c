import { Page } from '../platform/answer.js';
import type { FormRefusal, Kept } from '../platform/forms.js';
import { wait } from '../platform/wording.js';
import type { ShownLink } from '../sessions/link-token.js';
import type { MemberVisit } from '../sessions/visit.js';
import type { HelpStanding } from './lost-phones.service.js';

export function lostPhonePage({ member }: MemberVisit, standing: HelpStanding, refusal?: FormRefusal, kept: Kept = {}): Page {
  const { username, organization } = member;
  const model = { username, organizationName: organization.name, standing, note: kept['note'] ?? '', errors: refusal?.errors };
  return new Page('people/lost-phone', model, refusal?.status, refusal?.retryAfterSeconds);
}

export function tooManyRequests(seconds: number): FormRefusal {
  return {
    status: 429,
    errors: [{ field: '', message: `You asked several times today. Try again in ${wait(seconds)}.` }],
    retryAfterSeconds: seconds,
  };
}

export function withdrawalPage(link: ShownLink, refusal?: FormRefusal): Page {
  return new Page('people/withdrawal', { state: 'open', link, errors: refusal?.errors }, refusal?.status);
}

export function withdrawnPage(): Page {
  return new Page('people/withdrawal', { state: 'done' });
}

export function deadWithdrawalPage(): Page {
  return new Page('people/withdrawal', { state: 'dead' }, 404);
}
