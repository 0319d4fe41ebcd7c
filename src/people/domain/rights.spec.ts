import { changeForm } from '../../auth/password.form.js';
import { stepUpCodeForm, stepUpPasswordForm } from '../../auth/step-up.form.js';
import { codeForm } from '../../mfa/code.form.js';
import { securityForm } from '../../mfa/security.form.js';
import { parseConfiguration } from '../../organizations/configuration.form.js';
import { type ActName, acts, memberActs, type MemberActName } from '../../sessions/domain/acts.js';
import type { Role } from '../../sessions/visit.js';
import { detailsForm } from '../../users/details.form.js';
import { endSessionForm } from '../../users/sessions.form.js';
import { inviteForm, resendForm } from '../invitation.form.js';
import { resetForm, roleForm } from '../people.form.js';
import { readPeopleQuery } from '../people.query.js';
import { mayAct, mayDo, mayGive, rolesToGive } from './rights.js';

const roles: readonly Role[] = ['OWNER', 'ADMIN', 'AGENT'];
const names = Object.keys(memberActs) as MemberActName[];

describe('the rights over members', () => {
  const cases = names.flatMap((name) => roles.flatMap((actor) => roles.map((target) => [name, actor, target] as const)));

  it.each(cases)('%s by %s to another %s', (name, actor, target) => {
    const isAllowed = actor === 'OWNER' || (actor === 'ADMIN' && target !== 'OWNER');
    expect(mayAct(name, { actor, target, isSelf: false })).toBe(isAllowed);
    expect(mayDo({ actor, target, isSelf: false })[name]).toBe(isAllowed);
  });

  it.each(names.flatMap((name) => roles.map((role) => [name, role] as const)))('%s by %s to themself', (name, role) => {
    expect(mayAct(name, { actor: role, target: role, isSelf: true })).toBe(role === 'OWNER' && name === 'member-role');
  });

  it('over roles: only an owner makes an owner, and an agent gives none', () => {
    expect(roles.map(rolesToGive)).toEqual([['OWNER', 'ADMIN', 'AGENT'], ['ADMIN', 'AGENT'], []]);
    expect(roles.map((role) => mayGive('ADMIN', role))).toEqual([false, true, true]);
  });
});

describe('the table of acts', () => {
  it('opens what belongs to the organization to owners and administrators alone', () => {
    const isOwn = (name: ActName) => !acts[name].by.every((role) => role !== 'AGENT');
    const own = (Object.keys(acts) as ActName[]).filter(isOwn);
    expect(own.sort()).toEqual([
      ...['authenticator', 'details', 'number-test', 'number-test-send', 'password', 'recovery-codes', 'recovery-codes-kept'],
      ...['session-end', 'sessions-end-others', 'sms-switch', 'step-up', 'two-factor-choose', 'two-factor-leave'],
    ]);
  });

  const kept = parseConfiguration({ ...Object.fromEntries(acts.configuration.fields.map((field) => [field, 'x'])), other: 'x' }).kept;
  const shapes: readonly (readonly [ActName, readonly string[]])[] = [
    ['member-role', Object.keys(roleForm.shape)],
    ['member-reset', Object.keys(resetForm.in.shape)],
    ['configuration', [...Object.keys(kept), 'smsCountries.*']],
    ['invite', Object.keys(inviteForm.shape)],
    ['invitation-resend', Object.keys(resendForm.shape)],
    ['people-export', Object.keys(readPeopleQuery({})).filter((field) => field !== 'isDescending')],
    ['details', Object.keys(detailsForm({ country: 'NL', stored: { email: null, phoneNumber: null } }).shape)],
    ['sms-switch', Object.keys(securityForm.shape)],
    ['password', Object.keys(changeForm.shape)],
    ['authenticator', Object.keys(codeForm.shape)],
    ['session-end', Object.keys(endSessionForm.shape)],
    ['step-up', [...new Set([...Object.keys(stepUpCodeForm.shape), ...Object.keys(stepUpPasswordForm.shape)])]],
  ];
  it.each(shapes)('names the fields that the form of %s takes, and no other', (name, fields) => {
    expect([...acts[name].fields].sort()).toEqual([...fields].sort());
  });
});
