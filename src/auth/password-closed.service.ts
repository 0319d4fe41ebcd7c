/** A username has had its wrong passwords, and takes them from known browsers alone: put on record, and told to the member, once. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { MemberMail } from '../users/member-mail.service.js';
import type { OrganizationMember } from '../users/user.store.js';
import { passwordClosedMail } from './admission.mail.js';
import { BehindAnswer } from './behind-answer.service.js';
import { passwordLimits } from './domain/password-limits.js';

@Injectable()
export class PasswordClosed {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(BehindAnswer) private readonly behindAnswer: BehindAnswer,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @param member undefined where nobody has the username: then there is nobody to tell, and the name is kept nowhere */
  tell(member: OrganizationMember | undefined, address: string): void {
    this.log.security('username closed to unknown browsers', { user: member?.userId, address });
    if (member) this.behindAnswer.run(() => this.record(member, address), 'that a username is closed could not be told');
  }

  private async record(subject: OrganizationMember, address: string): Promise<void> {
    const wrongPasswords = passwordLimits(this.settings.leniency).row.free;
    await this.database.$transaction(async (transaction) => {
      await this.mail.tell(transaction, subject, (about) => passwordClosedMail({ ...about, wrongPasswords }));
      const event = { kind: 'password-closed', actor: 'visitor', subject, address, details: { wrongPasswords } } as const;
      await this.audit.record(transaction, { organizationId: subject.organization.id, ...event });
    });
  }
}
