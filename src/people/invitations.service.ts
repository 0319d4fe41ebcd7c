/** Inviting people by mail. Each address is invited by itself: one that cannot be is named, and no error for the others. */
import { Inject, Injectable } from '@nestjs/common';
import { OrganizationStore } from '../organizations/organization.store.js';
import { after, Clock, hours, seconds } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Sweeper } from '../platform/sweeper.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { MemberVisit, Role } from '../sessions/visit.js';
import { MembershipStore } from '../users/membership.store.js';
import { addressKey } from './domain/pasted-addresses.js';
import { mayGive } from './domain/rights.js';
import type { Skipped } from './domain/skipped.js';
import { InvitationLinks } from './invitation-links.service.js';
import { InvitationStore, type ListedInvitation } from './invitation.store.js';

export type InviteResult =
  | { readonly outcome: 'done'; readonly invited: number; readonly skipped: readonly Skipped[] }
  | { readonly outcome: 'not-allowed' | 'proof-needed' | 'no-mail' }
  | { readonly outcome: 'waiting'; readonly seconds: number };

type Asked = { readonly emails: readonly string[]; readonly role: Role };
type Step = 'invited' | Skipped['why'] | 'not-allowed' | { readonly seconds: number };

/** How long the twin of a post (a double click) is recognized. */
const twinWindow = seconds(10);
const invitationsPerPage = 50;

@Injectable()
export class Invitations {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(InvitationStore) private readonly invitations: InvitationStore,
    @Inject(InvitationLinks) private readonly links: InvitationLinks,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('invitations', (now) => this.invitations.sweep(after(now, -hours(24 * 90))));
  }

  /** @param page from 1 */
  async list({ member }: MemberVisit, page: number): Promise<{ readonly rows: readonly ListedInvitation[]; readonly pages: number }> {
    const { id } = member.organization;
    const slice = { limit: invitationsPerPage, offset: (page - 1) * invitationsPerPage };
    const [rows, total] = await Promise.all([this.invitations.findListed(id, slice), this.invitations.countListed(id)]);
    return { rows, pages: Math.ceil(total / invitationsPerPage) };
  }

  async invite(visit: MemberVisit, { emails, role }: Asked): Promise<InviteResult> {
    const { member } = visit;
    if (!mayGive(member.role, role)) return this.refuse(visit);
    if (!this.links.canMail) return { outcome: 'no-mail' };
    if (!this.sessions.hasFreshProof(visit)) return { outcome: 'proof-needed' };
    const standing = await this.standingOf(visit, emails);
    const skipped: Skipped[] = [];
    let invited = 0;
    let wait = 0;
    for (const [index, email] of emails.entries()) {
      const step = standing.get(email) ?? (await this.inviteOne(visit, email, role));
      if (step === 'not-allowed') {
        const refusal = this.refuse(visit);
        if (invited === 0) return refusal;
        skipped.push(...emails.slice(index).map((left) => ({ email: left, why: 'stopped' as const })));
        break;
      }
      if (step === 'invited') invited += 1;
      else skipped.push({ email, why: typeof step === 'string' ? step : 'limit' });
      if (typeof step === 'object') wait = Math.max(wait, step.seconds);
    }
    this.log.info('invited', { by: member.userId, invited, skipped: skipped.length });
    return invited === 0 && wait > 0 ? { outcome: 'waiting', seconds: wait } : { outcome: 'done', invited, skipped };
  }

  /** Those for whom there is nothing to do: members, and who was invited already, by the twin of this post too. */
  private async standingOf({ member }: MemberVisit, emails: readonly string[]): Promise<ReadonlyMap<string, Step>> {
    const { id } = member.organization;
    const now = this.clock.now();
    const [members, open] = await Promise.all([
      this.members.findAddressed(id, emails.map(addressKey)),
      this.invitations.findOpenFor(id, emails, now),
    ]);
    const steps = new Map<string, Step>();
    for (const email of emails) {
      const sent = open.get(addressKey(email));
      const isTwin = sent?.invitedById === member.userId && sent.sentAt > after(now, -twinWindow);
      if (members.has(addressKey(email))) steps.set(email, 'member');
      else if (sent) steps.set(email, isTwin ? 'invited' : 'open');
    }
    return steps;
  }

  private async inviteOne(visit: MemberVisit, email: string, role: Role): Promise<Step> {
    const { organization } = visit.member;
    const wait = await this.links.takeRoom(visit, email);
    if (wait !== undefined) return { seconds: wait };
    const drawn = this.links.draw(visit);
    return this.database.$transaction(async (transaction) => {
      await this.organizations.lock(transaction, organization.id);
      // Somebody else may have changed the inviter, or ended this session, a moment ago.
      const actor = await this.members.findRole(transaction, visit);
      if (!actor || !mayGive(actor, role)) return 'not-allowed';
      const invitation = { ...drawn.link, organizationId: organization.id, email, role };
      // Open since a moment ago: the twin of this post was first, or a colleague.
      if (!(await this.invitations.create(transaction, invitation))) return 'invited';
      await this.links.send(transaction, visit, { email, role, ...drawn, isAgain: false });
      return 'invited';
    });
  }

  private refuse({ member, address }: MemberVisit): InviteResult {
    this.log.security('inviting refused', { by: member.userId, address });
    return { outcome: 'not-allowed' };
  }
}
