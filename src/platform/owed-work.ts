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
/** `once`: where nobody knows whether it was done, it is not done again. */
type Repeat = 'once' | 'again';
type Owed = { readonly work: Work; readonly repeat: Repeat };

const interval = seconds(1);
/** A long outage under many posts must not fill the memory. */
const atMost = 10_000;
const notDone = 'counters of tries could not be brought up to date';

@Injectable()
export class OwedWork implements OnApplicationShutdown {
  private readonly owed = new Set<Owed>();
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
    return isDatabaseAway(failure) ? this.owe({ work, repeat: 'once' }, failure) : this.seeTo(work, 'once');
  }

  /** Done now, or as soon as the database answers again: the answer that it belongs to is true already. Never throws. */
  async seeTo(work: Work, repeat: Repeat): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (canBeDoneLater(error, repeat)) return this.owe({ work, repeat }, error);
      this.log.error(notDone, error, { isOwed: false });
    }
  }

  private owe(owed: Owed, error: unknown): void {
    const isOwed = this.owed.size < atMost;
    if (isOwed) this.owed.add(owed);
    this.log.error(notDone, error, { isOwed });
  }

  private async doOwed(): Promise<void> {
    for (const owed of this.owed) {
      try {
        await owed.work();
        this.owed.delete(owed);
      } catch (error) {
        this.owed.delete(owed);
        if (canBeDoneLater(error, owed.repeat)) {
          // Behind the others: one that fails each time must not keep them waiting.
          this.owed.add(owed);
          throw error;
        }
        this.log.error(notDone, error, { isOwed: false });
      }
    }
  }
}

function canBeDoneLater(error: unknown, repeat: Repeat): boolean {
  return isDatabaseAway(error) && (repeat === 'again' || !isPerhapsDone(error));
}
