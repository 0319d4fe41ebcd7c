import { Controller, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Audit } from '../audit/audit.service.js';
import { type Answer, Redirect } from '../platform/answer.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OpenTo } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';

@Controller('logout')
export class SignOutController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Ends the session on the server; also the way out of enrollment and challenge, to another account. */
  @Post()
  @OpenTo('enrollment', 'challenge', 'signedIn')
  async signOut(@MemberVisited() visit: MemberVisit, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    const { session, member } = visit;
    await this.database.$transaction(async (transaction) => {
      await this.sessions.end(session.id, transaction);
      await this.audit.recordActOf(transaction, visit, { kind: 'sign-out' });
    });
    this.log.info('signed out', { user: member.userId });
    this.cookie.clear(response);
    response.setHeader('Clear-Site-Data', '"cache"');
    return new Redirect('/login?notice=signed-out');
  }
}
