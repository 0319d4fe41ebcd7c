/** Finds out who is at the door, before anything else happens with a request. */
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { addressOf } from '../platform/client-address.js';
import { after, Clock, seconds } from '../platform/clock.js';
import { Keyring } from '../platform/keyring.js';
import { CrossSiteToken } from './cross-site-token.js';
import { deriveEnding, deriveSignInStage, halfOpenOf, type SignInStage } from './domain/sign-in-stage.js';
import { LastSeen } from './last-seen.service.js';
import { LayoutLocals } from './layout-locals.js';
import { digestOfPost } from './post-digest.js';
import { ReturnTo } from './return-to.js';
import { SessionCookie } from './session-cookie.js';
import { SessionStore } from './session.store.js';
import { SessionFactsStore, type SessionRow } from './session-facts.store.js';
import { hashOfToken, successorOf } from './session-token.js';
import { type Member, rememberVisit, type Visit } from './visit.js';

/** How long the twin of a post that rotated the cookie is given the same answer. */
const twinWindow = seconds(30);
const longestUserAgent = 300;

@Injectable()
export class VisitMiddleware implements NestMiddleware {
  constructor(
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(SessionFactsStore) private readonly facts: SessionFactsStore,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(LastSeen) private readonly lastSeen: LastSeen,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(CrossSiteToken) private readonly crossSiteToken: CrossSiteToken,
    @Inject(ReturnTo) private readonly returnTo: ReturnTo,
    @Inject(LayoutLocals) private readonly layout: LayoutLocals,
  ) {}

  async use(request: Request, response: Response, next: NextFunction): Promise<void> {
    const visitorId = this.crossSiteToken.visitorOf(request, response);
    const from = { address: addressOf(request), userAgent: (request.get('user-agent') ?? '').slice(0, longestUserAgent) };
    const visitor = { stage: 'anonymous', visitorId, postDigest: undefined, ...from } as const;
    const visit = await this.lookUp(request, visitor).catch((error: unknown) => {
      // The error page needs a layout too.
      this.layout.fill(request, response, visitor);
      throw error;
    });
    if (visit.ended) this.cookie.clear(response);
    rememberVisit(request, visit);
    this.layout.fill(request, response, visit);
    next();
  }

  private async lookUp(request: Request, visitor: Visit): Promise<Visit> {
    const token = this.cookie.read(request);
    if (!token) return visitor;
    const tokenHash = hashOfToken(token);
    const row = await this.facts.find(tokenHash);
    if (!row) return visitor;
    const now = this.clock.now();
    const ended = deriveEnding(row, now);
    if (ended) return { ...visitor, ended };
    const postDigest = digestOfPost(request, token, this.keyring);
    if (row.tokenHash !== tokenHash) return { ...visitor, postDigest, ...this.rotationOf(row, token, now) };
    const stage = deriveSignInStage(row, now);
    await this.recordStage(request, row, stage, now);
    await this.lastSeen.record(row);
    return { ...visitor, postDigest, stage, session: { ...sessionOf(row), token }, member: memberOf(row) };
  }

  /** A cookie value that was rotated opens nothing; for moments its post's twin is recognized (see StageGuard). */
  private rotationOf(row: SessionRow, token: string, now: Date): Pick<Visit, 'rotated'> {
    const { rotatedAt, rotatedByPost, rotatedTo, expiresAt } = row;
    if (!rotatedAt || !rotatedByPost || !rotatedTo || after(rotatedAt, twinWindow) <= now) return {};
    return { rotated: { token: successorOf(token, this.keyring), expiresAt, to: rotatedTo, byPost: rotatedByPost } };
  }

  /** The instant at which a session is first seen in enrollment or challenge starts its 15 minutes: no page without it. */
  private async recordStage(request: Request, row: SessionRow, stage: SignInStage, now: Date): Promise<void> {
    const halfOpen = halfOpenOf(stage);
    if (halfOpen === row.halfOpenStage) return;
    const cameFor = halfOpen && !row.returnTo && request.method === 'GET' ? this.returnTo.resolve(request.originalUrl) : undefined;
    await this.store.enterStage(row, halfOpen, halfOpen && now, cameFor ?? null);
  }
}

function sessionOf({ id, expiresAt, passwordAt, secondFactorAt, secondFactorMethod, returnTo }: SessionRow) {
  return { id, expiresAt, passwordAt, secondFactorAt, secondFactorMethod, returnTo };
}

function memberOf(row: SessionRow): Member {
  const { userId, username, name, email, phoneNumber, role, choseTwoFactor, authenticatorSince } = row;
  const { twoFactorRequired, twoFactorFrom, smsAllowed, smsAllowedSince } = row;
  const policy = { twoFactorRequired, twoFactorFrom, smsAllowed, smsAllowedSince };
  const organization = { id: row.organizationId, name: row.organizationName, ...policy };
  return { userId, username, name, email, phoneNumber, role, choseTwoFactor, authenticatorSince, organization };
}
