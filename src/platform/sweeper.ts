/** Rows that are over are removed once an hour; each module brings the sweep of its own tables. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BackgroundWork } from './background-work.js';
import { Clock, hours } from './clock.js';
import { Log } from './log.js';

/** How many rows one statement removes: all of them may be more than it has time for, and would be again in an hour. */
export const sweptAtOnce = 1_000;

/** @returns how many rows it removed; it is asked again while they are as many as it removes at once */
export type Sweep = (now: Date) => Promise<number>;

@Injectable()
export class Sweeper implements OnApplicationShutdown {
  private readonly sweeps = new Map<string, Sweep>();
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(BackgroundWork) background: BackgroundWork,
  ) {
    background.atStart(() => (this.timer = setInterval(() => void this.sweepAll(), hours(1)).unref()));
  }

  register(table: string, sweep: Sweep): void {
    this.sweeps.set(table, sweep);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.isStopping = true;
  }

  private async sweepWhole(sweep: Sweep): Promise<number> {
    let [rows, removed] = [0, 0];
    do rows += removed = await sweep(this.clock.now());
    while (removed >= sweptAtOnce && !this.isStopping);
    return rows;
  }

  /** One table that cannot be swept now (the database is away, say) is tried again in an hour. */
  async sweepAll(): Promise<void> {
    for (const [table, sweep] of this.sweeps) {
      try {
        this.log.info('swept', { table, rows: await this.sweepWhole(sweep) });
      } catch (error) {
        this.log.error('sweep failed', error, { table });
      }
    }
  }
}
