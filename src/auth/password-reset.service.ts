/** A new password by a link from a mail. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { after, Clock, minutes } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { OwedWork } from '../platform/owed-work.js';
import { DeadLinkError } from '../sessions/link-token.js';
import { MemberSessions } from '../sessions/member-sessions.service.js';
import { hashOfToken } from '../sessions/session-token.js';
import { MemberMail } from '../users/member-mail.service.js';
import type { StoredPassword } from '../users/password-hash.js';
import { Passwords } from '../users/passwords.service.js';
import { type OrganizationMember, UserStore } from '../users/user.store.js';
import { PasswordGuessing } from './password-guessing.service.js';
import { passwordChangedMail } from './password.mail.js';
import { ResetLinkStore } from './reset-link.store.js';

export type ResetOutcome =
  { readonly outcome: 'chosen' | 'dead-link' } | { readonly outcome: 'password-refused'; readonly message: string };

type Choice = { readonly userId: string; readonly tokenHash: string; readonly stored: StoredPassword; readonly address: string };

/** How long the twin of the post that used the link (a double click) is recognized. */
const twinWindow = minutes(1);

@Injectable()
export class PasswordReset {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(ResetLinkStore) private readonly links: ResetLinkStore,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(MemberSessions) private readonly sessions: MemberSessions,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(OwedWork) private readonly owed: OwedWork,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @returns the username that the link is for, while it is open */
  async whose(token: string): Promise<string | undefined> {
    const userId = await this.links.findOpen(hashOfToken(token), this.clock.now());
    return userId === undefined ? undefined : (await this.users.findNames(userId))?.username;
  }

  /** Every session of the member ends, those at a challenge too. The second factor stays as it is. */
  async choose(token: string, password: string, address: string): Promise<ResetOutcome> {
    const tokenHash = hashOfToken(token);
    const userId = await this.links.findOpen(tokenHash, this.clock.now());
    const member = userId === undefined ? undefined : await this.users.findNames(userId);
    if (userId === undefined || !member) return this.answerTwin(tokenHash, address);
    const message = this.passwords.refuse(password, member.names);
    if (message) return { outcome: 'password-refused', message };
    if (!(await this.write({ userId, tokenHash, stored: await this.passwords.hash(password), address })))
      return this.answerTwin(tokenHash, address);
    await this.owed.seeTo(() => this.guessing.forget(member.username), 'again');
    this.log.info('password reset', { user: userId });
    return { outcome: 'chosen' };
  }

  private async write(choice: Choice): Promise<OrganizationMember | undefined> {
    try {
      return await this.database.$transaction((transaction) => this.writeIn(transaction, choice));
    } catch (error) {
      if (error instanceof DeadLinkError) return undefined;
      throw error;
    }
  }

  private async writeIn(transaction: Transaction, { userId, tokenHash, stored, address }: Choice): Promise<OrganizationMember> {
    if (!(await this.users.setPassword(transaction, userId, stored))) throw new DeadLinkError();
    const sentTo = await this.users.findAddress(transaction, userId);
    if (sentTo === null || !(await this.links.claim(transaction, { tokenHash, sentTo }, this.clock.now()))) throw new DeadLinkError();
    await this.sessions.endAll(transaction, userId);
    const member = await this.users.getMember(transaction, userId);
    await this.mail.tell(transaction, member, passwordChangedMail);
    const organizationId = member.organization.id;
    await this.audit.record(transaction, { organizationId, kind: 'password-reset', actor: 'visitor', subject: member, address });
    return member;
  }

  private async answerTwin(tokenHash: string, address: string): Promise<ResetOutcome> {
    if (await this.links.wasUsedSince(tokenHash, after(this.clock.now(), -twinWindow))) return { outcome: 'chosen' };
    this.log.security('dead link refused', { address, link: 'password' });
    return { outcome: 'dead-link' };
  }
}
