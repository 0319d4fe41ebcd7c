/** A post that was refused because its twin, sent by the same double click, had just been accepted, ends as the twin did. */
import { Inject, Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, lookOnceMore, Page, Redirect } from '../platform/answer.js';
import { Keyring } from '../platform/keyring.js';
import { SessionCookie } from './session-cookie.js';
import { SessionFactsStore } from './session-facts.store.js';
import { hashOfToken, successorOf } from './session-token.js';
import { pageOfStage } from './stage-page.js';
import type { Visit, VisitSession } from './visit.js';

type Post = { readonly session: VisitSession; readonly digest: string };

@Injectable()
export class TwinPost {
  constructor(
    @Inject(SessionFactsStore) private readonly facts: SessionFactsStore,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /** Has a refusal of this post, should it come to one, looked at before it is sent. */
  watch(response: Response, { session, postDigest }: Visit): void {
    if (!session || !postDigest) return;
    lookOnceMore(response, (answer) => this.answerOfTwin(response, { session, digest: postDigest }, answer));
  }

  private async answerOfTwin(response: Response, { session, digest }: Post, answer: Answer): Promise<Answer> {
    // A post that proved who it is and is refused after it, such as a form that waited for a step-up, is nobody's twin.
    if (!isRefusal(answer) || this.cookie.hasHandedOver(response)) return answer;
    const row = await this.facts.find(hashOfToken(session.token));
    if (!row || row.tokenHash === hashOfToken(session.token) || row.rotatedByPost !== digest) return answer;
    const rotation = { token: successorOf(session.token, this.keyring), expiresAt: row.expiresAt, to: row.rotatedTo ?? '/' };
    return this.cookie.follow(response, rotation);
  }
}

function isRefusal(answer: Answer): boolean {
  if (answer instanceof Page) return answer.status >= 400;
  return answer instanceof Redirect && refusingPages.some((page) => answer.to.startsWith(page));
}

const refusingPages = [pageOfStage.anonymous, pageOfStage.enrollment, pageOfStage.challenge];
