/** Rows that are over are removed once an hour; each module brings the sweep of its own tables. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BackgroundWork } from './background-work.js';
import { Clock, hours } from './clock.js';
import { Log } from './log.js';

export type Sweep = (now: Date) => Promise<number>;

@Injectable()
export class Sweeper implements OnApplicationShutdown {
  private readonly sweeps = new Map<string, Sweep>();
  private timer: NodeJS.Timeout | undefined;

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
  }

  /** One table that cannot be swept now (the database is away, say) is tried again in an hour. */
  async sweepAll(): Promise<void> {
    for (const [table, sweep] of this.sweeps) {
      try {
        this.log.info('swept', { table, rows: await sweep(this.clock.now()) });
      } catch (error) {
        this.log.error('sweep failed', error, { table });
      }
    }
  }
}
