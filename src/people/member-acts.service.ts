/** The frame of every act on a member: found in the own organization, allowed, proven, and judged again while all is held. */
import { Inject, Injectable } from '@nestjs/common';
import { OrganizationStore } from '../organizations/organization.store.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import type { MemberActName } from '../sessions/domain/acts.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Role } from '../sessions/visit.js';
import { type ManagedMember, MembershipStore } from '../users/membership.store.js';
import { mayAct } from './domain/rights.js';

export type ActOutcome = 'done' | 'not-found' | 'not-allowed' | 'last-owner' | 'request-over' | 'proof-needed';

type Act = { readonly action: MemberActName; readonly username: string };
type Write = (transaction: Transaction, target: ManagedMember, actorRole: Role) => Promise<ActOutcome>;

@Injectable()
export class MemberActs {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @param write is given the target as it stands while the organization and the member's row are held */
  async act(visit: MemberVisit, { action, username }: Act, write: Write): Promise<ActOutcome> {
    const { userId, role, organization } = visit.member;
    const found = await this.members.find(organization.id, username);
    if (!found) return this.refuse(visit, action, 'not-found');
    if (!mayAct(action, { actor: role, target: found.role, isSelf: found.userId === userId }))
      return this.refuse(visit, action, 'not-allowed');
    if (!this.sessions.hasFreshProof(visit)) return 'proof-needed';
    const outcome = await this.database.$transaction(async (transaction) => {
      await this.organizations.lock(transaction, organization.id);
      await this.members.lock(transaction, found.userId);
      const target = await this.members.find(organization.id, username, transaction);
      // Somebody else may have changed either of them, or ended this session, a moment ago.
      const actor = await this.members.findRole(transaction, visit);
      if (!target || !actor || !mayAct(action, { actor, target: target.role, isSelf: target.userId === userId })) return 'not-allowed';
      return write(transaction, target, actor);
    });
    if (outcome === 'not-allowed') return this.refuse(visit, action, outcome);
    this.log.info('act on a member', { by: userId, user: found.userId, action, outcome });
    return outcome;
  }

  /** `not-found` is also what a member of another organization is. */
  private refuse({ member, address }: MemberVisit, action: MemberActName, because: 'not-found' | 'not-allowed'): ActOutcome {
    this.log.security('act on a member refused', { by: member.userId, address, action, because });
    return because;
  }
}
