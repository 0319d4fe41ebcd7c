/** Taking a member's second factor away, by somebody who may: they set it up anew, after a new password where that is asked for. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import type { AuditEvent } from '../audit/audit-event.js';
import { ResetLinks } from '../auth/reset-links.service.js';
import { FactorReset } from '../mfa/factor-reset.service.js';
import { Database, type Transaction } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { MemberSessions } from '../sessions/member-sessions.service.js';
import type { MemberVisit } from '../sessions/visit.js';
import { MemberMail } from '../users/member-mail.service.js';
import { MembershipStore } from '../users/membership.store.js';
import { Passwords } from '../users/passwords.service.js';
import { type Correspondent, UserStore } from '../users/user.store.js';
import { lostPhoneRefusedMail } from './lost-phone.mail.js';
import { LostPhones } from './lost-phones.service.js';
import { type ActOutcome, MemberActs } from './member-acts.service.js';
import { twoFactorResetMail } from './people.mail.js';

export type Reset = {
  readonly reason: string;
  /** "And ask for a new password": so that a thief of the password does not enroll first. */
  readonly newPassword: boolean;
};
/** By a colleague: `isApproval` when it answers a lost phone, which may have been withdrawn since the page was opened. */
export type AskedReset = Reset & { readonly isApproval: boolean };
export type ResetResult = { readonly outcome: ActOutcome; readonly hasNewPassword: boolean };
/** Why the password is not asked for anew: nobody wanted it, or nobody could send the link to a new one. */
export type PasswordKept = 'as-asked' | 'no-address' | 'no-mail';
/** @property kept undefined: the password has ended, and a link to a new one goes out */
export type OperatorReset = { readonly username: string; readonly kept: PasswordKept | undefined };

type Target = { readonly userId: string; readonly username: string; readonly email: string | null; readonly organizationId: string };
/** Who resets, as mail and record name them. */
type By = Pick<AuditEvent, 'actor' | 'address'> & { readonly name: string };

@Injectable()
export class TwoFactorReset {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(MemberActs) private readonly acts: MemberActs,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(FactorReset) private readonly factors: FactorReset,
    @Inject(MemberSessions) private readonly sessions: MemberSessions,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(ResetLinks) private readonly links: ResetLinks,
    @Inject(LostPhones) private readonly lostPhones: LostPhones,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** By an owner or administrator. Posted twice, it is done once: the second finds nothing to reset, and the link on its way. */
  async reset(visit: MemberVisit, username: string, { isApproval, ...asked }: AskedReset): Promise<ResetResult> {
    const { member, address } = visit;
    let hasNewPassword = false;
    const outcome = await this.acts.act(visit, { action: 'member-reset', username }, async (transaction, target) => {
      if (isApproval && !(await this.lostPhones.isApprovable(transaction, target.userId))) return 'request-over';
      const whom = { ...target, organizationId: member.organization.id };
      hasNewPassword = (await this.resetIn(transaction, whom, asked, { actor: member, name: member.name, address })) === undefined;
      return 'done';
    });
    return { outcome, hasNewPassword };
  }

  /** By the operator, at the command line. @returns undefined when nobody has the username */
  async resetByOperator(username: string, newPassword: boolean): Promise<OperatorReset | undefined> {
    const found = await this.users.findMember(username);
    if (!found) return undefined;
    const organizationId = found.organization.id;
    const by = { actor: 'operator', name: 'The people who run this Gatehouse', address: undefined } as const;
    return this.database.$transaction(async (transaction) => {
      await this.members.lock(transaction, found.userId);
      const target = await this.members.find(organizationId, username, transaction);
      if (!target) return undefined;
      const kept = await this.resetIn(transaction, { ...target, organizationId }, { reason: 'at the command line', newPassword }, by);
      return { username: target.username, kept };
    });
  }

  async refuseLostPhone(visit: MemberVisit, username: string): Promise<ActOutcome> {
    return this.acts.act(visit, { action: 'member-refuse', username }, async (transaction, target) => {
      if (!(await this.lostPhones.decide(transaction, target.userId, 'REFUSED'))) return 'done';
      await this.mail.tell(transaction, target, (about) => lostPhoneRefusedMail({ ...about, by: visit.member.name }));
      await this.audit.recordActOf(transaction, visit, { kind: 'lost-phone-refused', subject: target });
      return 'done';
    });
  }

  private async resetIn(
    transaction: Transaction,
    target: Target,
    { reason, newPassword }: Reset,
    by: By,
  ): Promise<PasswordKept | undefined> {
    const { userId, organizationId } = target;
    const correspondent = this.correspondentOf(target, newPassword);
    const hasNewPassword = typeof correspondent !== 'string';
    const wasEnrolled = await this.factors.reset(transaction, userId);
    const ended = await this.sessions.endAll(transaction, userId);
    const wasAsked = await this.lostPhones.decide(transaction, userId, 'APPROVED');
    const isPasswordLeft = hasNewPassword && !(await this.isAskedFor(transaction, correspondent));
    const kept = hasNewPassword ? undefined : correspondent;
    if (!wasEnrolled && !wasAsked && ended === 0 && !isPasswordLeft) return kept;
    if (hasNewPassword) await this.askForPassword(transaction, correspondent);
    await this.mail.tell(transaction, target, (about) => twoFactorResetMail({ ...about, by: by.name }));
    const details = { reason, newPassword: hasNewPassword };
    await this.audit.record(transaction, { organizationId, kind: 'two-factor-reset', ...by, subject: target, details });
    this.log.info('two-factor reset', { user: userId, newPassword: hasNewPassword });
    return kept;
  }

  /** Only where the link to a new one can be sent: a password that nobody can replace would lock the member out. */
  private correspondentOf({ email, organizationId, ...member }: Target, newPassword: boolean): Correspondent | PasswordKept {
    if (!newPassword) return 'as-asked';
    if (email === null) return 'no-address';
    if (this.settings.config.MAIL_PROVIDER === 'none') return 'no-mail';
    return { ...member, email, organization: { id: organizationId } };
  }

  /** Whether the same was done a moment ago. A link that a stranger asked for does not look like that: the password still opens. */
  private async isAskedFor(transaction: Transaction, member: Correspondent): Promise<boolean> {
    return (await this.members.hasNoPassword(transaction, member.userId)) && (await this.links.wasJustSent(transaction, member));
  }

  private async askForPassword(transaction: Transaction, member: Correspondent): Promise<void> {
    await this.passwords.disable(transaction, member.userId);
    await this.links.send(transaction, member, { kind: 'two-factor-reset' });
  }
}
