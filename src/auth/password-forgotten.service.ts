/** "I forgot my password": a link to a new one, for who is active and has an address. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import type { Correspondent } from '../users/user.store.js';
import { BehindAnswer } from './behind-answer.service.js';
import type { Attempt } from './password-guessing.service.js';
import { RequestedLinks } from './requested-links.service.js';
import { ResetLinks } from './reset-links.service.js';

@Injectable()
export class PasswordForgotten {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(RequestedLinks) private readonly requested: RequestedLinks,
    @Inject(BehindAnswer) private readonly behindAnswer: BehindAnswer,
    @Inject(ResetLinks) private readonly links: ResetLinks,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @returns the seconds to wait when it was asked for too often; names that nobody has are counted too */
  ask(attempt: Attempt): Promise<number | undefined> {
    return this.requested.ask(attempt, { what: 'password link', send: (subject) => this.send(subject, attempt) });
  }

  /** When everything that was asked for is done. */
  settled(): Promise<void> {
    return this.behindAnswer.settled();
  }

  private async send(subject: Correspondent, { address }: Attempt): Promise<void> {
    await this.database.$transaction(async (transaction) => {
      await this.links.send(transaction, subject, { kind: 'forgotten', address });
      const organizationId = subject.organization.id;
      await this.audit.record(transaction, { organizationId, kind: 'password-link-sent', actor: 'visitor', subject, address });
    });
    this.log.info('link for a new password sent', { user: subject.userId });
  }
}
