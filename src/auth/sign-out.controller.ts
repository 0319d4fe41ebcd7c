import { Controller, Inject, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { type Answer, Redirect } from '../platform/answer.js';
import { Log } from '../platform/log.js';
import { OpenTo } from '../sessions/open-to.js';
import { SessionCookie } from '../sessions/session-cookie.js';
import { Sessions } from '../sessions/sessions.service.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';

@Controller('logout')
export class SignOutController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(SessionCookie) private readonly cookie: SessionCookie,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Ends the session on the server; also the way out of enrollment and challenge, to another account. */
  @Post()
  @OpenTo('enrollment', 'challenge', 'signedIn')
  async signOut(@MemberVisited() { session, member }: MemberVisit, @Res({ passthrough: true }) response: Response): Promise<Answer> {
    await this.sessions.end(session.id);
    this.log.info('signed out', { user: member.userId });
    this.cookie.clear(response);
    response.setHeader('Clear-Site-Data', '"cache"');
    return new Redirect('/login?notice=signed-out');
  }
}
