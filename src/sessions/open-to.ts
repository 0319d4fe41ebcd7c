/** What a route declares: the stages that may see it, and the roles. A route that declares nothing is closed. */
import { SetMetadata } from '@nestjs/common';
import { type ActName, acts, everyRole, managers } from './domain/acts.js';
import type { SignInStage } from './domain/sign-in-stage.js';
import type { Role } from './visit.js';

export type RouteDeclaration = {
  readonly stages: readonly SignInStage[];
  readonly roles: readonly Role[];
  /** Whether a post has to come from one of our own forms. */
  readonly isForm: boolean;
  /** What a post of a signed-in member does. */
  readonly act?: ActName;
};

export const routeDeclarationKey = 'gatehouse:route';
const everyStage: readonly SignInStage[] = ['anonymous', 'enrollment', 'challenge', 'signedIn'];

const declare = (stages: readonly SignInStage[], roles = everyRole, more: Partial<RouteDeclaration> = {}) =>
  SetMetadata<string, RouteDeclaration>(routeDeclarationKey, { stages, roles, isForm: true, ...more });

/** Open in these stages only; in any other one the request is led to the page of its stage. */
export const OpenTo = (...stages: readonly SignInStage[]) => declare(stages);
/** Open in every stage: health, and nothing that shows a member's things. */
export const OpenToEveryone = () => declare(everyStage);
/** Open to other machines, whose posts carry a signature that the handler checks. */
export const OpenToSignedPosts = () => declare(everyStage, everyRole, { isForm: false });
/** Open to the signed-in members who may do this. */
export const OpenToAct = (act: ActName) => declare(['signedIn'], acts[act].by, { act });
/** A page of signed-in owners and administrators. */
export const OpenToManagers = () => declare(['signedIn'], managers);

/** Such a page needs to know nobody: for health checks and receipts nobody is even looked up. */
export function isOpenToEveryone({ stages }: RouteDeclaration): boolean {
  return stages === everyStage;
}

/** What a member is told whose role does not open a page. */
export const roleRefused = {
  status: 403,
  title: 'You cannot open this page',
  message: 'Your role does not allow this.',
  hint: 'Owners and administrators of your organization can.',
  link: { href: '/', text: 'Go to the home page' },
};
