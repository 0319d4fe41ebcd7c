/** How often something may be asked for in a window of time, over all copies: what no other counter stands before. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, hours, secondsUntil } from './clock.js';
import { Keyring } from './keyring.js';
import { Log } from './log.js';
import { RateCountStore } from './rate-count.store.js';
import { Settings } from './settings.js';
import { Sweeper } from './sweeper.js';

/** @property within milliseconds, a day at most */
export type Rate = { readonly atMost: number; readonly within: number };

@Injectable()
export class RateLimit {
  constructor(
    @Inject(RateCountStore) private readonly counts: RateCountStore,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('rate_counts', (now) => this.counts.sweep(after(now, -hours(24))));
  }

  /**
   * Counts one, unless there were as many as may be. LIMITS=relaxed allows a hundred times as many.
   * @param counted what is counted, such as `password link for NAME`: kept as a keyed hash
   * @param address the client's, for the log
   * @returns the seconds to wait when there is no room, else undefined
   */
  async take(counted: string, { atMost, within }: Rate, address: string): Promise<number | undefined> {
    if (await this.tryToTake(counted, { atMost, within })) return undefined;
    this.log.security('asked for too often', { address, atMost: this.atMost(atMost), seconds: within / 1_000 });
    const now = this.clock.now();
    const since = (await this.counts.findStart(this.keyOf(counted))) ?? now;
    return secondsUntil(after(since, within), now);
  }

  /** Counts one as `take` does, where no room is no refusal yet. @returns whether there was room */
  tryToTake(counted: string, { atMost, within }: Rate): Promise<boolean> {
    const now = this.clock.now();
    const rate = { atMost: this.atMost(atMost), startedBefore: after(now, -within), startedAfter: after(now, within) };
    return this.counts.take(this.keyOf(counted), rate, now);
  }

  private atMost(strict: number): number {
    return strict * this.settings.leniency;
  }

  private keyOf(counted: string): string {
    return this.keyring.mac('rate-count', counted);
  }
}
