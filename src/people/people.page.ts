import { Page } from '../platform/answer.js';
import type { FormRefusal, Kept } from '../platform/forms.js';
import { dateAndTime, dayOf, noticeOf } from '../platform/wording.js';
import { roleNames } from '../sessions/role-names.js';
import type { MemberVisit } from '../sessions/visit.js';
import { mayAct, mayDo, rolesToGive } from './domain/rights.js';
import type { OpenRequest } from './lost-phone.store.js';
import type { ListedMember, Readiness } from './member-list.store.js';
import { type SmsFrame, smsWords } from './member-words.js';
import { filters, peopleAddress, type PeopleQuery, type Sort, sortName } from './people.query.js';

export type PeopleState = {
  readonly rows: readonly ListedMember[];
  readonly total: number;
  readonly pages: number;
  readonly readiness: Readiness;
  readonly sms: SmsFrame;
  readonly requests: readonly OpenRequest[];
};

export type PeopleOutcome = {
  /** Which change has just been made, from the address. */
  readonly done?: unknown;
  /** Whose form was refused, and why. */
  readonly refused?: { readonly username: string; readonly refusal: FormRefusal; readonly kept: Kept };
};

const notices = {
  role: 'The role is changed, and holds at once.',
  deactivate: 'The member is deactivated and signed out everywhere.',
  reactivate: 'The member is active again.',
  unlock: 'The waits are over, and the second factor is open.',
  reset: 'Two-factor is reset: the member is signed out everywhere and sets it up anew at the next sign-in.',
  'reset-with-password':
    'Two-factor is reset. A link to choose a new password is on its way to the member, who sets two-factor up anew after it.',
  refuse: 'The request is refused, and the member is told.',
} as const;

export function peoplePage(visit: MemberVisit, state: PeopleState, query: PeopleQuery, { done, refused }: PeopleOutcome): Page {
  const { organization } = visit.member;
  const model = {
    organizationName: organization.name,
    members: state.rows.map((row) => memberRow(visit, row, state.sms, refused)),
    requests: state.requests.map((request) => requestRow(visit, request)),
    total: state.total,
    coverage: { members: state.readiness.members, enrolled: state.readiness.enrolled },
    readiness: readinessLines(state.readiness),
    ...searchModel(query, state.pages),
    notice: noticeOf(notices, done),
    errors: refused?.refusal.errors,
  };
  return new Page('people/people', model, refused?.refusal.status);
}

function searchModel(query: PeopleQuery, pages: number) {
  const head = (sort: Sort, label: string) => {
    const isSorted = query.sort === sort;
    const href = peopleAddress(query, { sort, isDescending: isSorted && !query.isDescending, page: 1 });
    return { label, href, order: isSorted ? (query.isDescending ? 'descending' : 'ascending') : undefined };
  };
  return {
    q: query.q,
    filters: Object.entries(filters).map(([value, label]) => ({ value, label, isChosen: value === query.filter })),
    filter: query.filter,
    sort: sortName(query),
    heads: {
      name: head('name', 'Member'),
      role: head('role', 'Role'),
      enrolled: head('enrolled', 'Authenticator'),
      seen: head('last-sign-in', 'Last sign-in'),
    },
    page: query.page,
    pages,
    previous: query.page > 1 ? peopleAddress(query, { page: query.page - 1 }) : undefined,
    next: query.page < pages ? peopleAddress(query, { page: query.page + 1 }) : undefined,
  };
}

function memberRow(visit: MemberVisit, row: ListedMember, sms: SmsFrame, refused: PeopleOutcome['refused']) {
  const { member } = visit;
  const isSelf = row.userId === member.userId;
  const isRefused = refused?.username === row.username;
  const standing = { actor: member.role, target: row.role, isSelf };
  return {
    name: row.name,
    username: row.username,
    email: row.email,
    address: `/organization/people/${encodeURIComponent(row.username)}`,
    isSelf,
    role: roleNames[row.role],
    isDeactivated: row.deactivatedAt !== null,
    deactivatedSince: row.deactivatedAt && dayOf(row.deactivatedAt),
    enrolledSince: row.authenticatorSince && dayOf(row.authenticatorSince),
    sms: smsWords(row, member.organization, sms),
    codesLeft: row.codesLeft,
    lastSignIn: row.lastSignInAt && dateAndTime(row.lastSignInAt),
    may: mayDo(standing),
    roles: rolesToGive(member.role).map((role) => ({ value: role, label: roleNames[role], isChosen: role === row.role })),
    isOpen: isRefused,
    errors: isRefused ? refused.refusal.errors : [],
    reason: isRefused ? (refused.kept['reason'] ?? '') : '',
    canMail: row.email !== null,
  };
}

function requestRow({ member }: MemberVisit, { username, name, role, userId, note, address, askedAt, lastSignInAt }: OpenRequest) {
  const mayDecide = mayAct('member-reset', { actor: member.role, target: role, isSelf: userId === member.userId });
  return {
    username,
    name,
    note,
    from: address,
    askedAt: dateAndTime(askedAt),
    lastSignIn: lastSignInAt && dateAndTime(lastSignInAt),
    hasSignedInSince: lastSignInAt !== null && lastSignInAt > askedAt,
    address: `/organization/people/${encodeURIComponent(username)}`,
    mayDecide,
  };
}

function readinessLines({ activeOwners, ownersWithoutCodes, onePhoneOnly }: Readiness) {
  const lines = [
    activeOwners === 1 && {
      href: '/organization/people?sort=role',
      text: 'There is only one active owner. Make another one, so that nobody is locked out with them.',
    },
    ownersWithoutCodes > 0 && {
      href: '/organization/people?filter=owners-without-codes',
      text: `${ownersWithoutCodes} ${ownersWithoutCodes === 1 ? 'owner has' : 'owners have'} no recovery codes left.`,
    },
    onePhoneOnly > 0 && {
      href: '/organization/people?filter=one-phone-only',
      text: `${onePhoneOnly} ${onePhoneOnly === 1 ? 'member has' : 'members have'} one phone as the only way in: no recovery codes left, and no SMS.`,
    },
  ];
  return lines.filter((line) => line !== false);
}
