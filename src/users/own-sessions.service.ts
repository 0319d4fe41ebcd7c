/** A member's own sessions: looking at them, and ending them. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { MemberSessions } from '../sessions/member-sessions.service.js';
import type { ListedSession } from '../sessions/member-sessions.store.js';
import type { MemberVisit } from '../sessions/visit.js';

@Injectable()
export class OwnSessions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(MemberSessions) private readonly sessions: MemberSessions,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Log) private readonly log: Log,
  ) {}

  findAll({ member }: MemberVisit): Promise<readonly ListedSession[]> {
    return this.sessions.findAll(member.userId);
  }

  /** One that is over, or somebody else's, is none: nothing is done. */
  async endOne(visit: MemberVisit, sessionId: string): Promise<void> {
    const { userId } = visit.member;
    await this.database.$transaction(async (transaction) => {
      if (!(await this.sessions.endOne(transaction, userId, sessionId))) return;
      await this.audit.recordActOf(transaction, visit, { kind: 'session-ended', details: { sessions: 1 } });
    });
    this.log.info('session ended', { user: userId });
  }

  async endOthers(visit: MemberVisit): Promise<void> {
    const sessions = await this.database.$transaction(async (transaction) => {
      const ended = await this.sessions.endOthers(transaction, visit);
      if (ended > 0) await this.audit.recordActOf(transaction, visit, { kind: 'session-ended', details: { sessions: ended } });
      return ended;
    });
    this.log.info('other sessions ended', { user: visit.member.userId, sessions });
  }
}
