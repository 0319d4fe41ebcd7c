/**
 * The way back for a member whose username takes passwords from known browsers alone: a link by mail, which admits one more
 * browser for half an hour. It signs nobody in, proves nothing and touches no second factor.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { after, Clock, hours, minutes } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { Sweeper } from '../platform/sweeper.js';
import { DeadLinkError } from '../sessions/link-token.js';
import { hashOfToken } from '../sessions/session-token.js';
import type { Visit } from '../sessions/visit.js';
import { MembershipStore } from '../users/membership.store.js';
import { type OrganizationMember, UserStore } from '../users/user.store.js';
import { AdmissionStore } from './admission.store.js';
import { KnownBrowsers } from './known-browsers.service.js';
import { PasswordGuessing } from './password-guessing.service.js';

/** Enough to sign in: then the browser is known by itself. */
const admittedFor = minutes(30);
/** How long the twin of the post that used the link (a double click) is recognized. */
const twinWindow = minutes(1);

type Browser = Pick<Visit, 'visitorId' | 'address'>;

@Injectable()
export class Admissions {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AdmissionStore) private readonly links: AdmissionStore,
    @Inject(KnownBrowsers) private readonly browsers: KnownBrowsers,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(Log) private readonly log: Log,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('admissions', (now) => this.links.sweep(after(now, -hours(24))));
  }

  /** @returns the username that the link is for, while it is open */
  async whose(token: string): Promise<string | undefined> {
    return (await this.links.findOpen(hashOfToken(token), this.clock.now()))?.username;
  }

  /** @returns false when the link is over; the twin of the post that used it is answered alike */
  async admit(token: string, browser: Browser): Promise<boolean> {
    const tokenHash = hashOfToken(token);
    const open = await this.links.findOpen(tokenHash, this.clock.now());
    const member = open && (await this.write(open.userId, tokenHash, browser));
    if (!member) return this.isTwin(tokenHash, browser);
    await this.owed.seeTo(() => this.guessing.forgetBrowser({ username: member.username, visitorId: browser.visitorId }), 'again');
    this.log.security('browser admitted by a link', { user: member.userId, address: browser.address });
    return true;
  }

  private async write(userId: string, tokenHash: string, browser: Browser): Promise<OrganizationMember | undefined> {
    try {
      return await this.database.$transaction((transaction) => this.writeIn(transaction, { userId, tokenHash, ...browser }));
    } catch (error) {
      if (error instanceof DeadLinkError) return undefined;
      throw error;
    }
  }

  private async writeIn(
    transaction: Transaction,
    { userId, tokenHash, visitorId, address }: Browser & { readonly userId: string; readonly tokenHash: string },
  ): Promise<OrganizationMember> {
    await this.members.lock(transaction, userId);
    const sentTo = await this.users.findAddress(transaction, userId);
    const usedAt = this.clock.now();
    const claim = { usedAt, browserKey: this.browsers.keyOf(userId, visitorId), admittedUntil: after(usedAt, admittedFor) };
    if (sentTo === null || !(await this.links.claim(transaction, { tokenHash, sentTo }, claim))) throw new DeadLinkError();
    const subject = await this.users.getMember(transaction, userId);
    const organizationId = subject.organization.id;
    await this.audit.record(transaction, { organizationId, kind: 'browser-admitted', actor: 'visitor', subject, address });
    return subject;
  }

  private async isTwin(tokenHash: string, { visitorId }: Browser): Promise<boolean> {
    const use = await this.links.findUse(tokenHash, after(this.clock.now(), -twinWindow));
    return use !== undefined && this.browsers.isKeyOf(use.browserKey ?? '', use.userId, visitorId);
  }
}
