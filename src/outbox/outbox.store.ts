/** What would have been sent. Nothing here leaves the machine. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, hours } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Sweeper, sweptAtOnce } from '../platform/sweeper.js';

type Channel = 'SMS' | 'MAIL';
export type NewOutboxMessage = {
  readonly channel: Channel;
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
};
export type OutboxMessage = {
  readonly channel: Channel;
  readonly to: string;
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
  readonly sentAt: Date;
};

const keptFor = hours(24 * 7);

@Injectable()
export class OutboxStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('outbox_messages', (now) => this.sweep(after(now, -keptFor)));
  }

  async add({ channel, to, subject, text, html }: NewOutboxMessage): Promise<void> {
    const sentAt = this.clock.now();
    await this.database.outboxMessage.create({ data: { channel, to, subject: subject ?? null, text, html: html ?? null, sentAt } });
  }

  newest(limit: number): Promise<readonly OutboxMessage[]> {
    // Ids are made in order: they decide between messages of one instant.
    return this.database.outboxMessage.findMany({ orderBy: [{ sentAt: 'desc' }, { id: 'desc' }], take: limit });
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.outboxMessage.deleteMany({ where: { sentAt: { lte: before } }, limit: sweptAtOnce })).count;
  }
}
