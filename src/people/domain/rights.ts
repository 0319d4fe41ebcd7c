/** Who may do what to whom within an organization: the table of acts, and whose affairs each role may manage. */
import { memberActs, type MemberActName } from '../../sessions/domain/acts.js';
import type { Role } from '../../sessions/visit.js';

export type Standing = {
  readonly actor: Role;
  /** The role of the member that it is done to. */
  readonly target: Role;
  readonly isSelf: boolean;
};

/** Only an owner touches an owner. */
const manages: Readonly<Record<Role, readonly Role[]>> = {
  OWNER: ['OWNER', 'ADMIN', 'AGENT'],
  ADMIN: ['ADMIN', 'AGENT'],
  AGENT: [],
};

export function mayAct(name: MemberActName, standing: Standing): boolean {
  return isOpen(memberActs[name], standing);
}

/** What a page offers: all acts by their names. */
export function mayDo(standing: Standing): Readonly<Record<string, boolean>> {
  return Object.fromEntries(Object.entries(memberActs).map(([name, act]) => [name, isOpen(act, standing)]));
}

function isOpen({ by, toThemselves }: (typeof memberActs)[MemberActName], { actor, target, isSelf }: Standing): boolean {
  return isSelf ? toThemselves.includes(actor) : by.includes(actor) && manages[actor].includes(target);
}

/** Whoever may give a role may send, and take back, what gives it. */
export function mayGive(actor: Role, role: Role): boolean {
  return rolesToGive(actor).includes(role);
}

/** The roles that a member of this role can give to somebody: only an owner makes an owner. */
export function rolesToGive(actor: Role): readonly Role[] {
  return manages[actor];
}
