/** Changing what a member is: at once for their live sessions, and never so that an organization is left without an owner. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { PasswordGuessing } from '../auth/password-guessing.service.js';
import { FactorReset } from '../mfa/factor-reset.service.js';
import { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { MemberSessions } from '../sessions/member-sessions.service.js';
import { roleNames } from '../sessions/role-names.js';
import type { MemberVisit, Role } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import { type ManagedMember, MembershipStore } from '../users/membership.store.js';
import { mayGive } from './domain/rights.js';
import { MemberActs, type ActOutcome } from './member-acts.service.js';
import { deactivatedMail, reactivatedMail, roleChangedMail } from './people.mail.js';

@Injectable()
export class Membership {
  constructor(
    @Inject(MemberActs) private readonly acts: MemberActs,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(MemberSessions) private readonly sessions: MemberSessions,
    @Inject(FactorReset) private readonly factors: FactorReset,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  changeRole(visit: MemberVisit, username: string, role: Role): Promise<ActOutcome> {
    return this.acts.act(visit, { action: 'member-role', username }, async (transaction, target, actorRole) => {
      if (!mayGive(actorRole, role)) return 'not-allowed';
      if (role !== 'OWNER' && (await this.isLastOwner(transaction, visit, target))) return 'last-owner';
      if (!(await this.members.changeRole(transaction, target.userId, role))) return 'done';
      await this.mail.tell(transaction, target, (about) => roleChangedMail({ ...about, role: roleNames[role], by: visit.member.name }));
      await this.audit.recordActOf(transaction, visit, {
        kind: 'role-changed',
        subject: target,
        details: { before: target.role, after: role },
      });
      return 'done';
    });
  }

  deactivate(visit: MemberVisit, username: string): Promise<ActOutcome> {
    return this.acts.act(visit, { action: 'member-deactivate', username }, async (transaction, target) => {
      if (await this.isLastOwner(transaction, visit, target)) return 'last-owner';
      if (!(await this.members.deactivate(transaction, target.userId, this.clock.now()))) return 'done';
      await this.sessions.endAll(transaction, target.userId);
      await this.mail.tell(transaction, target, (about) => deactivatedMail({ ...about, by: visit.member.name }));
      await this.audit.recordActOf(transaction, visit, { kind: 'member-deactivated', subject: target });
      return 'done';
    });
  }

  reactivate(visit: MemberVisit, username: string): Promise<ActOutcome> {
    return this.acts.act(visit, { action: 'member-reactivate', username }, async (transaction, target) => {
      if (!(await this.members.reactivate(transaction, target.userId))) return 'done';
      await this.mail.tell(transaction, target, (about) => reactivatedMail({ ...about, by: visit.member.name }));
      await this.audit.recordActOf(transaction, visit, { kind: 'member-reactivated', subject: target });
      return 'done';
    });
  }

  /** Ends the waits after wrong passwords and codes, and opens a closed second factor. */
  async unlock(visit: MemberVisit, username: string): Promise<ActOutcome> {
    const outcome = await this.acts.act(visit, { action: 'member-unlock', username }, async (transaction, target) => {
      await this.factors.endWaits(transaction, target.userId);
      await this.audit.recordActOf(transaction, visit, { kind: 'second-factor-opened', subject: target });
      return 'done';
    });
    if (outcome === 'done') await this.guessing.forget(username);
    return outcome;
  }

  /** Counted while the organization is held, so that two owners at the same moment cannot both go. */
  private async isLastOwner(transaction: Transaction, { member }: MemberVisit, { role, deactivatedAt }: ManagedMember): Promise<boolean> {
    if (role !== 'OWNER' || deactivatedAt) return false;
    return (await this.members.countActiveOwners(transaction, member.organization.id)) === 1;
  }
}
