import { Page } from '../platform/answer.js';
import { roleNames } from '../sessions/role-names.js';
import type { Member } from '../sessions/visit.js';

export function homePage(member: Member): Page {
  const { name, role, organization } = member;
  return new Page('home/home', {
    name,
    role: roleNames[role],
    organizationName: organization.name,
    protection: protectionOf(member),
    canManage: role !== 'AGENT',
  });
}

function protectionOf({ organization, choseTwoFactor, authenticatorSince }: Member) {
  // Signed in without one: it is asked for from a later day on.
  if (organization.twoFactorRequired && !authenticatorSince) return { kind: 'password', text: 'Your password alone, for now.' };
  if (organization.twoFactorRequired) return { kind: 'two-factor', text: `Your password and a code. ${organization.name} asks for both.` };
  if (choseTwoFactor) return { kind: 'two-factor', text: 'Your password and a code, as you chose.' };
  return { kind: 'password', text: 'Your password alone.' };
}
