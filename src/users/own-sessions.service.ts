/** A member's own sessions: looking at them, and ending them, which asks for a proof within ten minutes (OWASP ASVS 5.0, 7.5.2). */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { MemberSessions } from '../sessions/member-sessions.service.js';
import type { ListedSession } from '../sessions/member-sessions.store.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MembershipStore } from './membership.store.js';

export type EndOutcome = 'done' | 'proof-needed';

@Injectable()
export class OwnSessions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(MemberSessions) private readonly sessions: MemberSessions,
    @Inject(Sessions) private readonly proofs: Sessions,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Log) private readonly log: Log,
  ) {}

  findAll({ member }: MemberVisit): Promise<readonly ListedSession[]> {
    return this.sessions.findAll(member.userId);
  }

  /** One that is over, or somebody else's, is none: nothing is done. Nor by a session that was ended a moment ago. */
  async endOne(visit: MemberVisit, sessionId: string): Promise<EndOutcome> {
    if (!this.proofs.hasFreshProof(visit)) return 'proof-needed';
    const { userId } = visit.member;
    const isEnded = await this.database.$transaction(async (transaction) => {
      await this.members.lock(transaction, userId);
      if (!(await this.sessions.endOne(transaction, visit, sessionId))) return false;
      await this.audit.recordActOf(transaction, visit, { kind: 'session-ended', details: { sessions: 1 } });
      return true;
    });
    if (isEnded) this.log.info('session ended', { user: userId });
    return 'done';
  }

  async endOthers(visit: MemberVisit): Promise<EndOutcome> {
    if (!this.proofs.hasFreshProof(visit)) return 'proof-needed';
    const sessions = await this.database.$transaction(async (transaction) => {
      await this.members.lock(transaction, visit.member.userId);
      const ended = await this.sessions.endOthers(transaction, visit);
      if (ended > 0) await this.audit.recordActOf(transaction, visit, { kind: 'session-ended', details: { sessions: ended } });
      return ended;
    });
    this.log.info('other sessions ended', { user: visit.member.userId, sessions });
    return 'done';
  }
}
