/** An invited person becomes a member: by the link, with a password of their own. It never signs in: the policy stands before everyone. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { PasswordGuessing } from '../auth/password-guessing.service.js';
import { OrganizationStore } from '../organizations/organization.store.js';
import { after, Clock, minutes } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { RateLimit } from '../platform/rate-limit.js';
import { DeadLinkError } from '../sessions/link-token.js';
import { hashOfToken } from '../sessions/session-token.js';
import { MembershipStore } from '../users/membership.store.js';
import type { StoredPassword } from '../users/password-hash.js';
import { Passwords } from '../users/passwords.service.js';
import { UserStore } from '../users/user.store.js';
import { mayGive } from './domain/rights.js';
import type { AcceptForm } from './invitation.form.js';
import { InvitationStore, type OpenInvitation } from './invitation.store.js';

export type AcceptResult =
  | { readonly outcome: 'accepted' | 'dead-link' | 'username-taken' }
  | { readonly outcome: 'password-refused'; readonly message: string }
  | { readonly outcome: 'waiting'; readonly seconds: number };

type Joining = Omit<AcceptForm, 'password'> & { readonly tokenHash: string; readonly stored: StoredPassword; readonly address: string };

const byLink = { atMost: 5, within: minutes(1) };
const byAddress = { atMost: 20, within: minutes(1) };
/** How long the twin of the post that used the link (a double click) is recognized. */
const twinWindow = minutes(1);

@Injectable()
export class InvitationAcceptance {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(InvitationStore) private readonly invitations: InvitationStore,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(RateLimit) private readonly rateLimit: RateLimit,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** What a link opens, while it is open and its inviter may still give the role. */
  find(token: string): Promise<OpenInvitation | undefined> {
    return this.findIn(this.database, hashOfToken(token));
  }

  /** @param address the client's, as limits count it */
  async accept(token: string, form: AcceptForm, address: string): Promise<AcceptResult> {
    const tokenHash = hashOfToken(token);
    const seconds = await this.takeTurn(tokenHash, address);
    if (seconds !== undefined) return { outcome: 'waiting', seconds };
    const result = await this.join(tokenHash, form, address);
    const isOver = result.outcome === 'dead-link' || result.outcome === 'username-taken';
    if (isOver && (await this.isTwin(tokenHash, form.username))) return { outcome: 'accepted' };
    if (result.outcome === 'dead-link') this.log.security('dead link refused', { address, link: 'invitation' });
    return result;
  }

  private async takeTurn(tokenHash: string, address: string): Promise<number | undefined> {
    const ofAddress = await this.rateLimit.take(`invitation accepted from ${address}`, byAddress, address);
    return ofAddress ?? this.rateLimit.take(`invitation accepted by ${tokenHash}`, byLink, address);
  }

  /** Hashes nothing for a link that is over, or for a username that somebody has. */
  private async join(tokenHash: string, { password, ...form }: AcceptForm, address: string): Promise<AcceptResult> {
    const invitation = await this.findIn(this.database, tokenHash);
    if (!invitation) return { outcome: 'dead-link' };
    if (await this.users.findMember(form.username)) return { outcome: 'username-taken' };
    const message = this.passwords.refuse(password, [invitation.organizationName, form.name, form.username, invitation.email]);
    if (message) return { outcome: 'password-refused', message };
    const joining = { ...form, tokenHash, stored: await this.passwords.hash(password), address };
    const outcome = await this.write(invitation.organizationId, joining);
    if (outcome === 'accepted') await this.owed.seeTo(() => this.guessing.forget(form.username), 'again');
    this.log.info('invitation answered', { organization: invitation.organizationId, outcome });
    return { outcome };
  }

  private async write(organizationId: string, joining: Joining): Promise<'accepted' | 'dead-link' | 'username-taken'> {
    try {
      return await this.database.$transaction((transaction) => this.writeIn(transaction, organizationId, joining));
    } catch (error) {
      if (error instanceof DeadLinkError) return 'dead-link';
      throw error;
    }
  }

  /** While the organization is held, its people and its invitations stand still: the inviter is judged by what they are now. */
  private async writeIn(transaction: Transaction, organizationId: string, { tokenHash, stored, address, ...form }: Joining) {
    await this.organizations.lock(transaction, organizationId);
    const invitation = await this.findIn(transaction, tokenHash);
    if (!invitation) return 'dead-link';
    const { email, role } = invitation;
    const createdAt = this.clock.now();
    const userId = await this.members.add(transaction, { ...form, organizationId, email, role, password: stored, createdAt });
    if (userId === undefined) return 'username-taken';
    if (!(await this.invitations.accept(transaction, tokenHash, { acceptedById: userId, acceptedAt: createdAt })))
      throw new DeadLinkError();
    const actor = { userId, username: form.username };
    await this.audit.record(transaction, { organizationId, kind: 'invitation-accepted', actor, address, details: { role } });
    return 'accepted';
  }

  private async findIn(transaction: Transaction, tokenHash: string): Promise<OpenInvitation | undefined> {
    const invitation = await this.invitations.findByLink(tokenHash, this.clock.now(), transaction);
    return invitation && mayGive(invitation.inviterRole, invitation.role) ? invitation : undefined;
  }

  /** The same form came with the same link a moment ago. Another one than that finds the link over. */
  private async isTwin(tokenHash: string, username: string): Promise<boolean> {
    const member = await this.users.findMember(username);
    const since = after(this.clock.now(), -twinWindow);
    return member !== undefined && this.invitations.wasAcceptedSince(tokenHash, member.userId, since);
  }
}
