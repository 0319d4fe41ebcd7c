/** "I lost my phone": a member at the challenge asks for help, and whoever may help decides. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Mail } from '../mail/mail.service.js';
import { after, Clock, hours, minutes } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { randomToken } from '../platform/randomness.js';
import { RateLimit } from '../platform/rate-limit.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { hashOfToken } from '../sessions/session-token.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import { MembershipStore } from '../users/membership.store.js';
import { UserStore } from '../users/user.store.js';
import { lostPhoneAskedMail, lostPhoneReportedMail } from './lost-phone.mail.js';
import { type Decision, LostPhoneStore, type OpenRequest } from './lost-phone.store.js';

/** Where a member stands who would ask for help. */
export type HelpStanding = 'possible' | 'asked' | 'nobody-can-help';
export type AskOutcome = { readonly outcome: 'asked' | 'nobody-can-help' } | { readonly outcome: 'waiting'; readonly seconds: number };

export const requestLifetime = hours(24 * 7);
const rate = { atMost: 3, within: hours(24) };
const twinWindow = minutes(1);

@Injectable()
export class LostPhones {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(LostPhoneStore) private readonly requests: LostPhoneStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(RateLimit) private readonly rateLimit: RateLimit,
    @Inject(Mail) private readonly mail: Mail,
    @Inject(MemberMail) private readonly memberMail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('lost_phone_requests', (now) => this.requests.sweep(after(now, -hours(24 * 90))));
  }

  findOpen({ member }: MemberVisit): Promise<readonly OpenRequest[]> {
    return this.requests.findOpen(member.organization.id, this.clock.now());
  }

  async standingOf({ member }: MemberVisit): Promise<HelpStanding> {
    if (await this.requests.isOpen(member.userId, this.clock.now())) return 'asked';
    const isOwner = member.role === 'OWNER';
    return isOwner && (await this.members.countActiveOwners(this.database, member.organization.id)) === 1 ? 'nobody-can-help' : 'possible';
  }

  /** Asked again while a request is open, it changes nothing. */
  async ask(visit: MemberVisit, note: string): Promise<AskOutcome> {
    const standing = await this.standingOf(visit);
    if (standing !== 'possible') return { outcome: standing };
    const seconds = await this.rateLimit.take(`lost phone of ${visit.member.userId}`, rate, visit.address);
    if (seconds !== undefined) return { outcome: 'waiting', seconds };
    await this.database.$transaction((transaction) => this.create(transaction, visit, note));
    return { outcome: 'asked' };
  }

  /** Whether there is a request to approve; the twin of the post that did (a double click) finds it approved. */
  async isApprovable(transaction: Transaction, userId: string): Promise<boolean> {
    const now = this.clock.now();
    if (await this.requests.isOpen(userId, now, transaction)) return true;
    return this.requests.wasApprovedSince(userId, after(now, -twinWindow), transaction);
  }

  /** Closes what is open, in the transaction of the decision. @returns whether there was a request */
  decide(transaction: Transaction, userId: string, decision: Decision): Promise<boolean> {
    return this.requests.decide(transaction, userId, decision, this.clock.now());
  }

  /** @returns the username of who can withdraw a request by the link, while it is open */
  async whose(token: string): Promise<string | undefined> {
    return (await this.requests.findByLink(hashOfToken(token), this.clock.now()))?.username;
  }

  /** By the link in the member's mail. @returns false when there is nothing to withdraw; a double click withdraws once */
  async withdraw(token: string, address: string): Promise<boolean> {
    const withdrawHash = hashOfToken(token);
    const open = await this.requests.findByLink(withdrawHash, this.clock.now());
    const isWithdrawn =
      open !== undefined && (await this.database.$transaction((transaction) => this.withdrawIn(transaction, open.userId, address)));
    return isWithdrawn || this.requests.wasWithdrawnSince(withdrawHash, after(this.clock.now(), -twinWindow));
  }

  private async withdrawIn(transaction: Transaction, userId: string, address: string): Promise<boolean> {
    if (!(await this.decide(transaction, userId, 'WITHDRAWN'))) return false;
    const subject = await this.users.getMember(transaction, userId);
    const organizationId = subject.organization.id;
    await this.audit.record(transaction, { organizationId, kind: 'lost-phone-withdrawn', actor: 'visitor', subject, address });
    return true;
  }

  private async create(transaction: Transaction, visit: MemberVisit, note: string): Promise<void> {
    const { member, address } = visit;
    const token = randomToken(256);
    const askedAt = this.clock.now();
    const request = { organizationId: member.organization.id, userId: member.userId, withdrawHash: hashOfToken(token), note, address };
    if (!(await this.requests.create(transaction, { ...request, askedAt, expiresAt: after(askedAt, requestLifetime) }))) return;
    const withdrawal = `${this.settings.config.PUBLIC_URL}/two-factor/lost-phone/withdraw?token=${token}`;
    await this.memberMail.tell(transaction, member, (about) => lostPhoneAskedMail({ ...about, withdrawal, address }));
    await this.tellHelpers(transaction, visit, note);
    await this.audit.recordActOf(transaction, visit, { kind: 'lost-phone-reported' });
  }

  /** Everybody who may reset them: owners, and for who is no owner administrators too. */
  private async tellHelpers(transaction: Transaction, { member, address }: MemberVisit, note: string): Promise<void> {
    const { userId, username, name, role, organization } = member;
    const lastSignInAt = await this.users.findLastSignIn(transaction, userId);
    const report = { username, name, note, address, at: this.clock.now(), lastSignInAt, door: this.settings.config.PUBLIC_URL };
    const roles = role === 'OWNER' ? (['OWNER'] as const) : (['OWNER', 'ADMIN'] as const);
    for (const to of await this.members.findAddresses(transaction, organization.id, { roles, exceptId: userId })) {
      await this.mail.queue(transaction, to, lostPhoneReportedMail(report));
    }
  }
}
