/** "I forgot my password": the same answer, and the same time, whoever it is asked for. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { MailDelivery } from '../mail/mail-delivery.service.js';
import { minutes } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { RateLimit } from '../platform/rate-limit.js';
import { UserStore } from '../users/user.store.js';
import { usernameKey } from '../users/username.js';
import type { Attempt } from './password-guessing.service.js';
import { ResetLinks } from './reset-links.service.js';

const byUsername = { atMost: 5, within: minutes(1) };
const byAddress = { atMost: 20, within: minutes(1) };

@Injectable()
export class PasswordForgotten implements OnApplicationShutdown {
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(ResetLinks) private readonly links: ResetLinks,
    @Inject(MailDelivery) private readonly delivery: MailDelivery,
    @Inject(RateLimit) private readonly rateLimit: RateLimit,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Log) private readonly log: Log,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  /** @returns the seconds to wait when it was asked for too often; names that nobody has are counted too */
  async ask(attempt: Attempt): Promise<number | undefined> {
    const ofAddress = await this.rateLimit.take(`password link from ${attempt.address}`, byAddress);
    const ofUsername = ofAddress ?? (await this.rateLimit.take(`password link for ${usernameKey(attempt.username)}`, byUsername));
    if (ofUsername === undefined) this.sendLater(attempt);
    return ofUsername;
  }

  /** When everything that was asked for is done. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }

  /** Looked up behind the answer's back: how long it takes tells nobody who has an account (OWASP ASVS 5.0, 6.3.8). */
  private sendLater(attempt: Attempt): void {
    const sending = this.send(attempt)
      .catch((error: unknown) => this.log.error('a link for a new password could not be sent', error))
      .finally(() => this.underWay.delete(sending));
    this.underWay.add(sending);
  }

  private async send({ username, address }: Attempt): Promise<void> {
    const subject = await this.users.findByMail(username);
    if (!subject) return;
    await this.database.$transaction(async (transaction) => {
      await this.links.send(transaction, subject, { kind: 'forgotten', address });
      const organizationId = subject.organization.id;
      await this.audit.record(transaction, { organizationId, kind: 'password-link-sent', actor: 'visitor', subject, address });
    });
    this.log.info('link for a new password sent', { user: subject.userId });
    await this.delivery.deliverDue();
  }
}
