/** When a session was seen last, for its member's own list. Best effort: no page that only reads fails for it. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, minutes } from '../platform/clock.js';
import { isWriteRefused } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { SessionStore } from './session.store.js';

/** "Last seen" is that exact: a write at every request would cost more than it tells. */
const seenInterval = minutes(5);
/** Each page asks anew while nothing can be written; the log says it that often. */
const toldInterval = minutes(5);

type Seen = { readonly id: string; readonly lastSeenAt: Date };

@Injectable()
export class LastSeen {
  private toldAt: Date | undefined;

  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** @throws whatever else goes wrong: a database that gave no answer in time must not be waited for a second time */
  async record({ id, lastSeenAt }: Seen): Promise<void> {
    const now = this.clock.now();
    if (after(lastSeenAt, seenInterval) > now) return;
    try {
      await this.store.markSeen(id, now);
    } catch (error) {
      if (!isWriteRefused(error)) throw error;
      this.tell(now);
    }
  }

  private tell(now: Date): void {
    if (this.toldAt && after(this.toldAt, toldInterval) > now) return;
    this.toldAt = now;
    this.log.warn('the database takes no writes: pages that only read are served');
  }
}
