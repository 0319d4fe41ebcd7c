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
    const now = this.clock.now();
    const key = this.keyring.mac('rate-count', counted);
    const rate = { atMost: atMost * this.settings.leniency, startedBefore: after(now, -within), startedAfter: after(now, within) };
    const isTaken = await this.counts.take(key, rate, now);
    if (isTaken) return undefined;
    this.log.security('asked for too often', { address, atMost: rate.atMost, seconds: within / 1_000 });
    const since = (await this.counts.findStart(key)) ?? now;
    return secondsUntil(after(since, within), now);
  }
}
