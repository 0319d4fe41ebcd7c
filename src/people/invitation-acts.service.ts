/** Sending an invitation again, and withdrawing it: found in the own organization, allowed, proven, and judged again while held. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { OrganizationStore } from '../organizations/organization.store.js';
import { Clock } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { maskedAddress } from '../platform/wording.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MembershipStore } from '../users/membership.store.js';
import { mayGive } from './domain/rights.js';
import { InvitationLinks } from './invitation-links.service.js';
import { type Invitation, InvitationStore } from './invitation.store.js';

type Outcome = 'done' | 'not-found' | 'not-allowed' | 'over' | 'no-mail';
export type InvitationActResult =
  | { readonly outcome: Outcome }
  | { readonly outcome: 'proof-needed'; readonly email: string }
  | { readonly outcome: 'waiting'; readonly seconds: number };

type Write = (transaction: Transaction, invitation: Invitation) => Promise<Outcome>;

@Injectable()
export class InvitationActs {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(InvitationStore) private readonly invitations: InvitationStore,
    @Inject(InvitationLinks) private readonly links: InvitationLinks,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Another link, in place of the one before, that works for 72 hours from now. Whoever sends it is the inviter from now on.
   * @param sawSentAt which sending the page showed: a double click, or two colleagues at once, send one more
   */
  async resend(visit: MemberVisit, id: string, sawSentAt: string | undefined): Promise<InvitationActResult> {
    const found = await this.judge(visit, id);
    if ('outcome' in found) return found;
    const wasResent = ({ sentAt }: Invitation) => sawSentAt !== undefined && sawSentAt !== sendingOf(sentAt);
    if (!found.isOpen) return { outcome: 'over' };
    if (wasResent(found)) return { outcome: 'done' };
    if (!this.links.canMail) return { outcome: 'no-mail' };
    const seconds = await this.links.takeRoom(visit, found.email);
    if (seconds !== undefined) return { outcome: 'waiting', seconds };
    return this.write(visit, id, async (transaction, invitation) => {
      if (wasResent(invitation)) return 'done';
      const drawn = this.links.draw(visit);
      if (!(await this.invitations.renew(transaction, id, drawn.link))) return 'over';
      await this.links.send(transaction, visit, { ...invitation, ...drawn, isAgain: true });
      return 'done';
    });
  }

  /** Its link is over at once. Withdrawn twice, it is withdrawn once. */
  async withdraw(visit: MemberVisit, id: string): Promise<InvitationActResult> {
    const found = await this.judge(visit, id);
    if ('outcome' in found) return found;
    return this.write(visit, id, async (transaction, { email, role, isWithdrawn }) => {
      if (isWithdrawn) return 'done';
      if (!(await this.invitations.withdraw(transaction, id, this.clock.now()))) return 'over';
      const details = { to: maskedAddress(email), role };
      await this.audit.recordActOf(transaction, visit, { kind: 'invitation-withdrawn', details });
      return 'done';
    });
  }

  private async judge(visit: MemberVisit, id: string): Promise<Invitation | InvitationActResult> {
    const { member } = visit;
    const invitation = await this.invitations.find(member.organization.id, id);
    if (!invitation) return this.refuse(visit, 'not-found');
    if (!mayGive(member.role, invitation.role)) return this.refuse(visit, 'not-allowed');
    return this.sessions.hasFreshProof(visit) ? invitation : { outcome: 'proof-needed', email: invitation.email };
  }

  private async write(visit: MemberVisit, id: string, write: Write): Promise<InvitationActResult> {
    const { userId, organization } = visit.member;
    const outcome = await this.database.$transaction(async (transaction) => {
      await this.organizations.lock(transaction, organization.id);
      // Somebody else may have changed the member or the invitation, or ended this session, a moment ago.
      const actor = await this.members.findRole(transaction, visit);
      const invitation = await this.invitations.find(organization.id, id, transaction);
      if (!actor || !invitation || !mayGive(actor, invitation.role)) return 'not-allowed';
      return write(transaction, invitation);
    });
    if (outcome === 'not-allowed') return this.refuse(visit, outcome);
    this.log.info('act on an invitation', { by: userId, invitation: id, outcome });
    return { outcome };
  }

  private refuse({ member, address }: MemberVisit, because: 'not-found' | 'not-allowed'): InvitationActResult {
    this.log.security('act on an invitation refused', { by: member.userId, address, because });
    return { outcome: because };
  }
}

/** What tells one sending of an invitation from the next. */
export function sendingOf(sentAt: Date): string {
  return String(sentAt.getTime());
}
