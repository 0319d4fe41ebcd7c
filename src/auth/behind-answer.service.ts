/** What is done behind an answer's back: how long it takes tells nobody who has an account (OWASP ASVS 5.0, 6.3.8). */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MailDelivery } from '../mail/mail-delivery.service.js';
import { Log } from '../platform/log.js';

@Injectable()
export class BehindAnswer implements OnApplicationShutdown {
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    @Inject(MailDelivery) private readonly delivery: MailDelivery,
    @Inject(Log) private readonly log: Log,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  /**
   * Begins at once and does not wait; mail that it queued is sent. An error is logged.
   * @param failed what the log says then
   */
  run(work: () => Promise<void>, failed: string): void {
    const running = work()
      .then(() => this.delivery.deliverDue())
      .catch((error: unknown) => this.log.error(failed, error))
      .finally(() => this.underWay.delete(running));
    this.underWay.add(running);
  }

  /** When everything that was begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.underWay);
  }
}
