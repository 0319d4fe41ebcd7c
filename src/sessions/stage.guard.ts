/** The one door: compares the visit's stage and role with what the route declares. What declares nothing is closed. */
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { Redirect } from '../platform/answer.js';
import { Log } from '../platform/log.js';
import { throwBodyError } from '../platform/form-body.js';
import { AnswerInstead, Refusal } from '../platform/refusal.js';
import { CrossSiteCheck, isRead } from './cross-site-check.js';
import { declaredPath } from './declared-path.js';
import { isOpenToEveryone, roleRefused, type RouteDeclaration, routeDeclarationKey } from './open-to.js';
import { ReturnTo } from './return-to.js';
import { SessionCookie } from './session-cookie.js';
import { pageOfStage } from './stage-page.js';
import { TwinPost } from './twin-post.service.js';
import { type Visit, visitOf } from './visit.js';

@Injectable()
export class StageGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(CrossSiteCheck) private readonly crossSite: CrossSiteCheck,
    @Inject(ReturnTo) private readonly returnTo: ReturnTo,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(TwinPost) private readonly twinPost: TwinPost,
    @Inject(Log) private readonly log: Log,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const declaration = this.reflector.get<RouteDeclaration | undefined>(routeDeclarationKey, context.getHandler());
    if (!declaration) throw new Refusal(roleRefused);
    if ((isRead(request) || !declaration.isForm) && isOpenToEveryone(declaration)) return true;
    const visit = visitOf(request);
    const response = context.switchToHttp().getResponse<Response>();
    throwBodyError(request);
    this.answerTwin(response, visit);
    if (!declaration.stages.includes(visit.stage)) throw new AnswerInstead(new Redirect(this.pageFor(request, visit)));
    if (visit.member && !declaration.roles.includes(visit.member.role)) {
      this.log.security('role refused', { user: visit.member.userId, address: visit.address, path: declaredPath(request) });
      throw new Refusal(roleRefused);
    }
    this.crossSite.check(request, visit);
    this.twinPost.watch(response, visit);
    return true;
  }

  /** The twin of a post that rotated the cookie (a double click) ends as the first did. */
  private answerTwin(response: Response, { rotated, postDigest }: Visit): void {
    if (!rotated || rotated.byPost !== postDigest) return;
    throw new AnswerInstead(this.cookie.follow(response, rotated));
  }

  private pageFor(request: Request, { stage, ended }: Visit): string {
    if (stage !== 'anonymous') return pageOfStage[stage];
    const query = new URLSearchParams();
    const returnTo = request.method === 'GET' ? this.returnTo.resolve(request.originalUrl) : undefined;
    if (returnTo && returnTo !== '/') query.set('returnTo', returnTo);
    if (ended === 'expired' || ended === 'overdue') query.set('notice', ended);
    return query.size > 0 ? `${pageOfStage.anonymous}?${query.toString()}` : pageOfStage.anonymous;
  }
}
