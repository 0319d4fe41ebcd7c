/** Who is at the door: the session row and its cookie, the sign-in stage, and what the guard before every route stands on. */
import { Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ChallengeCodes } from './challenge-codes.service.js';
import { ChallengeCodesStore } from './challenge-codes.store.js';
import { CrossSiteCheck } from './cross-site-check.js';
import { CrossSiteToken } from './cross-site-token.js';
import { KeptForms } from './kept-forms.service.js';
import { KeptFormStore } from './kept-form.store.js';
import { LastSeen } from './last-seen.service.js';
import { LayoutLocals } from './layout-locals.js';
import { LinkCookie } from './link-cookie.js';
import { MemberSessions } from './member-sessions.service.js';
import { MemberSessionsStore } from './member-sessions.store.js';
import { ReturnTo } from './return-to.js';
import { RouteTable } from './route-table.js';
import { SessionCookie } from './session-cookie.js';
import { SessionFactsStore } from './session-facts.store.js';
import { SessionStore } from './session.store.js';
import { Sessions } from './sessions.service.js';
import { ShownCodes } from './shown-codes.service.js';
import { ShownCodesStore } from './shown-codes.store.js';
import { TwinPost } from './twin-post.service.js';
import { VisitMiddleware } from './visit.middleware.js';

@Module({
  imports: [DiscoveryModule],
  providers: [
    ChallengeCodes,
    ChallengeCodesStore,
    CrossSiteCheck,
    CrossSiteToken,
    KeptForms,
    KeptFormStore,
    LastSeen,
    LayoutLocals,
    LinkCookie,
    MemberSessions,
    MemberSessionsStore,
    ReturnTo,
    RouteTable,
    SessionCookie,
    SessionFactsStore,
    SessionStore,
    Sessions,
    ShownCodes,
    ShownCodesStore,
    TwinPost,
    VisitMiddleware,
  ],
  exports: [
    ChallengeCodes,
    CrossSiteCheck,
    CrossSiteToken,
    KeptForms,
    LastSeen,
    LayoutLocals,
    LinkCookie,
    MemberSessions,
    ReturnTo,
    RouteTable,
    SessionCookie,
    SessionFactsStore,
    SessionStore,
    Sessions,
    ShownCodes,
    TwinPost,
  ],
})
export class SessionsModule {}
