/** Who is at the door, found out once a request and read by everything behind. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { Attachment } from '../platform/attachment.js';
import type { Ending, SecondFactorMethod, SignInStage } from './domain/sign-in-stage.js';

export type Role = 'OWNER' | 'ADMIN' | 'AGENT';

export type Member = {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  /** E.164 */
  readonly phoneNumber: string | null;
  readonly role: Role;
  readonly choseTwoFactor: boolean;
  readonly authenticatorSince: Date | null;
  readonly organization: {
    readonly id: string;
    readonly name: string;
    readonly twoFactorRequired: boolean;
    /** Until then, members without an authenticator are not asked for one; null: from the beginning. */
    readonly twoFactorFrom: Date | null;
    readonly smsAllowed: boolean;
    readonly smsAllowedSince: Date | null;
  };
};

export type VisitSession = {
  readonly id: string;
  /** The cookie's value that this request came with. */
  readonly token: string;
  readonly expiresAt: Date;
  readonly passwordAt: Date;
  readonly secondFactorAt: Date | null;
  readonly secondFactorMethod: SecondFactorMethod | null;
  readonly returnTo: string | null;
};

/** What a request that rotates the cookie leaves behind for its twin. */
export type Rotation = { readonly token: string; readonly expiresAt: Date; readonly to: string };

export type Visit = {
  readonly stage: SignInStage;
  /** Present from enrollment on. */
  readonly session?: VisitSession;
  readonly member?: Member;
  /** Why the session that the cookie names is over. */
  readonly ended?: Ending;
  /** The cookie's value was rotated moments ago, by the post with this digest. */
  readonly rotated?: Rotation & { readonly byPost: string };
  /** The visitor's signed id: what the token against cross-site posts is bound to while there is no session. */
  readonly visitorId: string;
  /** What the twin of a post with a session is recognized by. */
  readonly postDigest: string | undefined;
  /** The client's address, as limits count it. */
  readonly address: string;
  /** What the browser calls itself; cut off where it is long. */
  readonly userAgent: string;
};

/** A session and its member: what a handler behind enrollment, challenge or sign-in can count on. */
export type MemberVisit = Visit & { readonly session: VisitSession; readonly member: Member };

const visits = new Attachment<Visit>();

export function rememberVisit(request: Request, visit: Visit): void {
  visits.set(request, visit);
}

/** @throws Error when asked before the visit middleware ran: a bug */
export function visitOf(request: Request): Visit {
  const visit = visits.get(request);
  if (!visit) throw new Error('the visit was not looked up');
  return visit;
}

/** @throws Error when nobody is there: the route was declared for visitors, a bug */
function memberVisitOf(request: Request): MemberVisit {
  const { session, member, ...visit } = visitOf(request);
  if (!session || !member) throw new Error('a handler for members was reached by a visitor');
  return { ...visit, session, member };
}

/** Handler parameter: the visit of a member (stages enrollment, challenge and signedIn). */
export const MemberVisited = createParamDecorator((_: unknown, context: ExecutionContext) =>
  memberVisitOf(context.switchToHttp().getRequest<Request>()),
);

/** Handler parameter: the visit, whoever it is. */
export const Visited = createParamDecorator((_: unknown, context: ExecutionContext) =>
  visitOf(context.switchToHttp().getRequest<Request>()),
);
