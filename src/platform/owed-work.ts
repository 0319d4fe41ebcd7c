/**
 * What is owed to somebody when the database is away, such as a try that was charged before a comparison that could not be
 * made: done as soon as the database answers again. A process that ends takes with it what it still owes.
 */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BackgroundWork } from './background-work.js';
import { seconds } from './clock.js';
import { isDatabaseAway, isPerhapsDone } from './database-away.js';
import { Log } from './log.js';
import { RecurringWork } from './recurring-work.js';

type Work = () => Promise<unknown>;

const interval = seconds(1);
/** A long outage under many posts must not fill the memory. */
const atMost = 10_000;
const notGivenBack = 'a charged try could not be given back';

@Injectable()
export class OwedWork implements OnApplicationShutdown {
  private readonly owed = new Set<Work>();
  private readonly recurring: RecurringWork;

  constructor(
    @Inject(Log) private readonly log: Log,
    @Inject(BackgroundWork) background: BackgroundWork,
  ) {
    this.recurring = new RecurringWork(() => this.doOwed(), {
      every: interval,
      failed: (error) => log.error('what is owed cannot be done yet', error),
    });
    background.atStart(() => this.recurring.start());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.recurring.stop();
  }

  /**
   * Done now, or as soon as the database answers again. Never throws. What may have been done is not done again: nobody is given
   * back more than was taken.
   * @param failure what the request ends with: where the database was away, nobody waits for it once more
   */
  async afterFailure(failure: unknown, work: Work): Promise<void> {
    if (isDatabaseAway(failure)) return this.owe(work, failure);
    try {
      await work();
    } catch (error) {
      if (isDatabaseAway(error) && !isPerhapsDone(error)) return this.owe(work, error);
      this.log.error(notGivenBack, error, { isOwed: false });
    }
  }

  private owe(work: Work, error: unknown): void {
    const isOwed = this.owed.size < atMost;
    if (isOwed) this.owed.add(work);
    this.log.error(notGivenBack, error, { isOwed });
  }

  private async doOwed(): Promise<void> {
    for (const work of this.owed) {
      try {
        await work();
        this.owed.delete(work);
      } catch (error) {
        if (isDatabaseAway(error) && !isPerhapsDone(error)) throw error;
        this.owed.delete(work);
        this.log.error(notGivenBack, error, { isOwed: false });
      }
    }
  }
}
