/** Who may do what to whom within an organization. One table: services, pages and tests use it. */
import type { Role } from '../../sessions/visit.js';

export const memberActions = ['role', 'deactivate', 'reactivate', 'unlock', 'reset-two-factor'] as const;
export type MemberAction = (typeof memberActions)[number];

export type Standing = {
  readonly actor: Role;
  /** The role of the member that it is done to. */
  readonly target: Role;
  readonly isSelf: boolean;
};

/** Whose affairs each role may manage: only an owner touches an owner. */
const manages: Readonly<Record<Role, readonly Role[]>> = {
  OWNER: ['OWNER', 'ADMIN', 'AGENT'],
  ADMIN: ['ADMIN', 'AGENT'],
  AGENT: [],
};

/**
 * What members may do to themselves here: an owner may step down, as long as another one is there. All else would lock them
 * out, or would be a way around their own second factor.
 */
const toThemselves: Readonly<Record<Role, readonly MemberAction[]>> = { OWNER: ['role'], ADMIN: [], AGENT: [] };

export function mayAct(action: MemberAction, { actor, target, isSelf }: Standing): boolean {
  return isSelf ? toThemselves[actor].includes(action) : manages[actor].includes(target);
}

/** Whoever may give a role may send, and take back, what gives it. */
export function mayGive(actor: Role, role: Role): boolean {
  return rolesToGive(actor).includes(role);
}

/** The roles that a member of this role can give to somebody: only an owner makes an owner. */
export function rolesToGive(actor: Role): readonly Role[] {
  return manages[actor];
}
