/**
 * Sends what is due, in a server alone: after an answer, at the start, and every few seconds. What a copy that died left behind,
 * another sends.
 */
import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BackgroundWork } from '../platform/background-work.js';
import { seconds } from '../platform/clock.js';
import { Log } from '../platform/log.js';
import { MailAttempt } from './mail-attempt.js';
import { type ClaimedMail, MailMessageStore } from './mail-message.store.js';

const interval = seconds(15);
const atOnce = 5;
/** At a shutdown, what is being sent gets this long. */
const patience = seconds(5);

@Injectable()
export class MailDelivery implements BeforeApplicationShutdown, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private patienceEnds: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;
  private isAskedFor = false;
  private isStopping = false;
  private readonly giveUp = new AbortController();

  constructor(
    @Inject(MailAttempt) private readonly attempt: MailAttempt,
    @Inject(MailMessageStore) private readonly messages: MailMessageStore,
    @Inject(Log) private readonly log: Log,
    @Inject(BackgroundWork) background: BackgroundWork,
  ) {
    background.atStart(() => this.begin());
  }

  /** Before anybody waits for it, as other rooms do at their own end. What is queued from here on, the next process sends. */
  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.isStopping = true;
    this.patienceEnds = setTimeout(() => this.giveUp.abort(), patience);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.underWay;
    clearTimeout(this.patienceEnds);
  }

  /**
   * Resolves when everything that is due now was tried. Never rejects: an outage of the database is logged, and the next
   * look comes by itself.
   */
  deliverDue(): Promise<void> {
    this.isAskedFor = true;
    this.underWay ??= this.deliverWhileAskedFor();
    return this.underWay;
  }

  private begin(): void {
    if (!this.attempt.isPossible) return this.log.warn('no mail is sent: set SMTP_URL and MAIL_FROM');
    this.timer = setInterval(() => void this.deliverDue(), interval).unref();
    void this.deliverDue();
  }

  /** One run at a time. Who asks during a run may have queued what it no longer sees, so it looks once more. */
  private async deliverWhileAskedFor(): Promise<void> {
    while (this.isAskedFor) {
      this.isAskedFor = false;
      await this.deliverAll().catch((error: unknown) => this.log.error('mail delivery interrupted', error));
    }
    this.underWay = undefined;
  }

  /** What goes out to many, when nothing else is due. */
  private async claimDue(): Promise<readonly ClaimedMail[]> {
    const awaited = await this.messages.claimDue(atOnce);
    return awaited.length > 0 ? awaited : this.messages.claimDue(atOnce, true);
  }

  /** A few at once and no more than these are claimed, so that each has its whole lease. */
  private async deliverAll(): Promise<void> {
    while (this.attempt.isPossible && !this.isStopping) {
      const claimed = await this.claimDue();
      if (claimed.length === 0) return;
      await Promise.all(claimed.map((mail) => this.attempt.make(mail, this.giveUp.signal)));
    }
  }
}
