/** Sends the link by which a member admits a browser, while their username takes passwords from known ones alone. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Mail } from '../mail/mail.service.js';
import { after, Clock, minutes } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { randomToken } from '../platform/randomness.js';
import { Settings } from '../platform/settings.js';
import { hashOfToken } from '../sessions/session-token.js';
import { MembershipStore } from '../users/membership.store.js';
import type { Correspondent } from '../users/user.store.js';
import { admissionMail } from './admission.mail.js';
import { AdmissionStore } from './admission.store.js';
import { type Attempt, PasswordGuessing } from './password-guessing.service.js';
import { RequestedLinks } from './requested-links.service.js';

export const admissionLinkLifetime = minutes(30);

@Injectable()
export class AdmissionLinks {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AdmissionStore) private readonly links: AdmissionStore,
    @Inject(RequestedLinks) private readonly requested: RequestedLinks,
    @Inject(PasswordGuessing) private readonly guessing: PasswordGuessing,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(Mail) private readonly mail: Mail,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @returns the seconds to wait when it was asked for too often; for a username that is not closed nothing is sent */
  ask(attempt: Attempt): Promise<number | undefined> {
    const isDue = () => this.guessing.isClosed(attempt.username);
    return this.requested.ask(attempt, { what: 'sign-in link', isDue, send: (subject) => this.send(subject, attempt) });
  }

  private async send(subject: Correspondent, { address }: Attempt): Promise<void> {
    const token = randomToken(256);
    const createdAt = this.clock.now();
    const { userId, email: sentTo, organization } = subject;
    await this.database.$transaction(async (transaction) => {
      // The member's row comes before the link that hangs on it, as it does for whoever resets them.
      await this.members.lock(transaction, userId);
      const expiresAt = after(createdAt, admissionLinkLifetime);
      await this.links.replaceLink(transaction, { userId, tokenHash: hashOfToken(token), sentTo, createdAt, expiresAt });
      const href = `${this.settings.config.PUBLIC_URL}/login/link?token=${token}`;
      await this.mail.queue(transaction, sentTo, admissionMail({ username: subject.username, at: createdAt, address, href }));
      const event = { kind: 'sign-in-link-sent', actor: 'visitor', subject, address } as const;
      await this.audit.record(transaction, { organizationId: organization.id, ...event });
    });
    this.log.security('sign-in link sent', { user: userId, address });
  }
}
