/** What is done behind an answer's back: how long it takes tells nobody who has an account (OWASP ASVS 5.0, 6.3.8). */
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MailDelivery } from '../mail/mail-delivery.service.js';
import { Log } from '../platform/log.js';
import { randomBelow } from '../platform/randomness.js';

/** Milliseconds: an answer takes less than the first; whoever looks for the work in what they ask next has to look through the second. */
const [earliest, within] = [20, 200];

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
   * Begins when the answer is out, at a moment that chance picks, and is not waited for; mail that it queued is sent. An error is
   * logged.
   * @param failed what the log says then
   */
  run(work: () => Promise<void>, failed: string): void {
    const running = pause(earliest + randomBelow(within))
      .then(work)
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
