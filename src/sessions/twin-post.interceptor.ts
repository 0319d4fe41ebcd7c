/** A post that was refused because its twin, sent by the same double click, had just been accepted, ends as the twin did. */
import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Request, Response } from 'express';
import { mergeMap, type Observable } from 'rxjs';
import { Page, Redirect } from '../platform/answer.js';
import { Keyring } from '../platform/keyring.js';
import { SessionCookie } from './session-cookie.js';
import { SessionStore } from './session.store.js';
import { hashOfToken, successorOf } from './session-token.js';
import { pageOfStage } from './stage-page.js';
import { findVisit, type VisitSession } from './visit.js';

@Injectable()
export class TwinPostInterceptor implements NestInterceptor {
  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const visit = findVisit(request);
    if (!visit?.session || !visit.postDigest) return next.handle();
    const { session, postDigest } = visit;
    return next.handle().pipe(mergeMap((answer) => this.answerOfTwin(http.getResponse<Response>(), session, postDigest, answer)));
  }

  private async answerOfTwin(response: Response, session: VisitSession, postDigest: string, answer: unknown): Promise<unknown> {
    // A post that proved who it is and is refused after it, such as a form that waited for a step-up, is nobody's twin.
    if (!isRefusal(answer) || this.cookie.hasHandedOver(response)) return answer;
    const row = await this.store.find(hashOfToken(session.token));
    if (!row || row.tokenHash === hashOfToken(session.token) || row.rotatedByPost !== postDigest) return answer;
    const rotation = { token: successorOf(session.token, this.keyring), expiresAt: row.expiresAt, to: row.rotatedTo ?? '/' };
    return this.cookie.follow(response, rotation);
  }
}

function isRefusal(answer: unknown): boolean {
  if (answer instanceof Page) return answer.status >= 400;
  return answer instanceof Redirect && refusingPages.some((page) => answer.to.startsWith(page));
}

const refusingPages = [pageOfStage.anonymous, pageOfStage.enrollment, pageOfStage.challenge];
