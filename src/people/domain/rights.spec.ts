import type { Role } from '../../sessions/visit.js';
import { mayAct, memberActions, rolesToGive } from './rights.js';

const roles: readonly Role[] = ['OWNER', 'ADMIN', 'AGENT'];

describe('the rights over members', () => {
  const cases = memberActions.flatMap((action) => roles.flatMap((actor) => roles.map((target) => [action, actor, target] as const)));

  it.each(cases)('%s by %s to another %s', (action, actor, target) => {
    const isAllowed = actor === 'OWNER' || (actor === 'ADMIN' && target !== 'OWNER');
    expect(mayAct(action, { actor, target, isSelf: false })).toBe(isAllowed);
  });

  it.each(memberActions.flatMap((action) => roles.map((role) => [action, role] as const)))('%s by %s to themself', (action, role) => {
    expect(mayAct(action, { actor: role, target: role, isSelf: true })).toBe(role === 'OWNER' && action === 'role');
  });

  it('over roles: only an owner makes an owner, and an agent gives none', () => {
    expect(roles.map(rolesToGive)).toEqual([['OWNER', 'ADMIN', 'AGENT'], ['ADMIN', 'AGENT'], []]);
  });
});
