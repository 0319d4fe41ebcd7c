/** One attempt at one mail, and what is written down of it. */
import { Inject, Injectable } from '@nestjs/common';
import { minutes } from '../platform/clock.js';
import { SecretUnreadableError } from '../platform/encryption.js';
import { Log } from '../platform/log.js';
import { tellUnreadable } from '../platform/unreadable-secret.js';
import { attemptsAtMost, waitAfterAttempt } from './domain/mail-retries.js';
import { MailNotSentError, MailTransport } from './mail.js';
import { type ClaimedMail, MailMessageStore } from './mail-message.store.js';

/** Shorter than the lease, so that no other process takes a mail that is still being sent. */
const longestAttempt = minutes(1);

/** Of the last attempt nobody said what became of it, and one more might be taken like those before: sent, and sent again. */
class AbandonedError extends Error {
  readonly code = 'MAIL_ABANDONED';
}

@Injectable()
export class MailAttempt {
  constructor(
    @Inject(MailTransport) private readonly transport: MailTransport | undefined,
    @Inject(MailMessageStore) private readonly messages: MailMessageStore,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** False with mail switched off: nothing may be claimed then. */
  get isPossible(): boolean {
    return this.transport !== undefined;
  }

  /**
   * Never rejects. What cannot be written down, in an outage of the database, is tried again when the lease is over: rather
   * twice than never.
   */
  async make(claimed: ClaimedMail, giveUp: AbortSignal): Promise<void> {
    const { id: mail, attempt } = claimed;
    try {
      const failure = attempt > attemptsAtMost ? { error: new AbandonedError() } : await this.send(claimed, giveUp);
      if (failure) return await this.recordFailure(claimed, failure.error);
      await this.messages.remove(claimed);
      this.log.info('mail sent', { mail });
    } catch (error) {
      this.log.error('mail outcome not recorded', error, { mail, attempt });
    }
  }

  private async send(claimed: ClaimedMail, giveUp: AbortSignal): Promise<{ readonly error: unknown } | undefined> {
    try {
      await this.transport?.send(this.messages.open(claimed), AbortSignal.any([giveUp, AbortSignal.timeout(longestAttempt)]));
      return undefined;
    } catch (error) {
      if (error instanceof SecretUnreadableError) tellUnreadable(this.log, error, { table: 'mail_messages', mail: claimed.id });
      return { error };
    }
  }

  private async recordFailure(claimed: ClaimedMail, error: unknown): Promise<void> {
    const { id: mail } = claimed;
    const attempt = Math.min(claimed.attempt, attemptsAtMost);
    const { isPermanent, smtpStatus } = error instanceof MailNotSentError ? error : { isPermanent: false };
    const wait = isPermanent ? undefined : waitAfterAttempt(attempt);
    await (wait === undefined ? this.messages.giveUp(claimed) : this.messages.postpone(claimed, wait));
    this.log.error('mail failed', error, { mail, attempt, smtpStatus, givenUp: wait === undefined });
  }
}
