import { Page } from '../platform/answer.js';
import type { FormRefusal, Kept } from '../platform/forms.js';
import { dateAndTime, noticeOf, wait } from '../platform/wording.js';
import { roleNames } from '../sessions/role-names.js';
import type { MemberVisit } from '../sessions/visit.js';
import type { Skipped } from './domain/skipped.js';
import { mayGive, rolesToGive } from './domain/rights.js';
import { sendingOf } from './invitation-acts.service.js';
import type { ListedInvitation } from './invitation.store.js';
import type { Report } from './invite-report.js';

export const inviteAddress = '/organization/people/invite';

export type InviteState = {
  readonly rows: readonly ListedInvitation[];
  readonly page: number;
  readonly pages: number;
  readonly canMail: boolean;
  readonly now: Date;
};

export type InviteOutcome = {
  /** What has just been done, from the address. */
  readonly done?: unknown;
  readonly report?: Report | undefined;
  readonly refusal?: FormRefusal;
  readonly kept?: Kept;
};

const notices = {
  invited: 'The invitations are on their way.',
  none: 'Nobody was invited.',
  resend: 'The invitation is on its way again. The link before it does not work any more.',
  withdraw: 'The invitation is withdrawn. Its link does not work any more.',
} as const;

const reasons: Readonly<Record<Skipped['why'], string>> = {
  member: 'is a member already',
  open: 'is invited already: send it again below',
  limit: 'not today any more: too many invitations were sent',
  stopped: 'not any more: your rights changed meanwhile, or you were signed out',
};

export function invitePage(visit: MemberVisit, state: InviteState, { done, report, refusal, kept = {} }: InviteOutcome): Page {
  const { role, organization } = visit.member;
  const chosen = kept['role'] ?? 'AGENT';
  const pageAddress = (page: number) => (page === 1 ? inviteAddress : `${inviteAddress}?page=${page}`);
  const model = {
    organizationName: organization.name,
    canMail: state.canMail,
    emails: kept['emails'] ?? '',
    roles: rolesToGive(role).map((value) => ({ value, label: roleNames[value], isChosen: value === chosen })),
    skipped: report?.skipped.map(({ email, why }) => ({ email, why: reasons[why] })),
    more: report?.more,
    invitations: state.rows.map((row) => invitationRow(visit, row, state.now)),
    previous: state.page > 1 ? pageAddress(state.page - 1) : undefined,
    next: state.page < state.pages ? pageAddress(state.page + 1) : undefined,
    notice: noticeOf(notices, done),
    errors: refusal?.errors,
  };
  return new Page('people/invite', model, refusal?.status, refusal?.retryAfterSeconds);
}

function invitationRow({ member }: MemberVisit, { id, email, role, sentAt, expiresAt, inviter, inviterRole }: ListedInvitation, now: Date) {
  const isExpired = expiresAt <= now;
  return {
    email,
    role: roleNames[role],
    inviter: inviter ?? 'Somebody who is gone',
    sentAt: dateAndTime(sentAt),
    until: dateAndTime(expiresAt),
    isExpired,
    // The inviter may not give this role any more, so the link is dead until somebody else sends it again.
    isDead: !isExpired && (inviterRole === null || !mayGive(inviterRole, role)),
    mayManage: mayGive(member.role, role),
    address: `/organization/people/invitations/${id}`,
    sending: sendingOf(sentAt),
  };
}

export const notAllowed: FormRefusal = {
  status: 403,
  errors: [{ field: '', message: 'You may not do this: only an owner makes an owner.' }],
};

export const invitationOver: FormRefusal = {
  status: 422,
  errors: [{ field: '', message: 'This invitation was accepted or withdrawn already.' }],
};

export const noMail: FormRefusal = {
  status: 422,
  errors: [{ field: '', message: 'No mail goes out from this Gatehouse, so nobody can be invited. Ask the people who run it.' }],
};

export function tooManyInvitations(seconds: number): FormRefusal {
  return {
    status: 429,
    errors: [{ field: '', message: `Too many invitations were sent today. Try again in ${wait(seconds)}.` }],
    retryAfterSeconds: seconds,
  };
}
