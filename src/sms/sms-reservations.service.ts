/** Room within the limits for one message: taken before the provider is asked, by one process at a time. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, seconds, secondsUntil } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Gate, GateByKey } from '../platform/gate.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { type Limit, type LimitName, messagesAt, smsLimits, warningPercent } from './domain/sms-limits.js';
import { type NewMessage, SmsMessageStore } from './sms-message.store.js';
import { SmsUseStore } from './sms-use.store.js';

export type Reservation =
  | { readonly outcome: 'reserved' }
  | { readonly outcome: 'twin'; readonly id: string }
  | { readonly outcome: 'limited'; readonly limit: LimitName; readonly seconds: number };

/** How long the twin of a post (a double click) is recognized. */
const twinWindow = seconds(10);
const defaultDailyCap = 1_000;

@Injectable()
export class SmsReservations {
  /** The others of this process wait here, not in the database: each would hold a connection. */
  private readonly gate = new Gate(1, 50);
  private readonly gateOfUser = new GateByKey(50);
  private readonly leniency: number;
  private readonly dailyCap: number;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SmsMessageStore) private readonly messages: SmsMessageStore,
    @Inject(SmsUseStore) private readonly use: SmsUseStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) settings: Settings,
  ) {
    this.leniency = settings.leniency;
    this.dailyCap = settings.config.SMS_DAILY_CAP ?? defaultDailyCap * settings.leniency;
  }

  /**
   * @param address the client's, for the log
   * @throws GateFullError when too many wait already
   */
  async reserve(message: NewMessage, address: string): Promise<Reservation> {
    const reservation = await this.gateOfUser.run(message.userId, () => this.reserveInTurn(message));
    if (reservation.outcome === 'limited') {
      await this.use.recordRefusal(message.organizationId, reservation.limit, message.createdAt);
      this.log.security('sms limit reached', {
        user: message.userId,
        address,
        organization: message.organizationId,
        limit: reservation.limit,
      });
    }
    return reservation;
  }

  async nextMessageAt(userId: string): Promise<Date | undefined> {
    const minute = this.limits(null).find(({ name }) => name === 'minute');
    const blocking = minute && (await this.messages.findBlockingOfUser(userId, minute));
    return blocking && minute.until(blocking.createdAt);
  }

  /** What a member's own messages refuse is known without the lock: a flood of one member's posts never comes to it. */
  private async reserveInTurn(message: NewMessage): Promise<Reservation> {
    const ownLimits = this.limits(null).filter(({ by }) => by === 'user');
    const isRefused = (await this.findBlocked(this.database, message, ownLimits)) !== undefined;
    const early = isRefused ? await this.look(this.database, message) : undefined;
    return early ?? this.gate.run(() => this.database.$transaction((transaction) => this.decide(transaction, message)));
  }

  private async decide(transaction: Transaction, message: NewMessage): Promise<Reservation> {
    await this.messages.takeTurn(transaction);
    const refused = await this.look(transaction, message);
    if (refused) return refused;
    await this.messages.create(transaction, message);
    await this.warn(transaction, message);
    return { outcome: 'reserved' };
  }

  /** Whether the message is one already, or has no room. */
  private async look(transaction: Transaction, message: NewMessage): Promise<Reservation | undefined> {
    const twin = await this.findTwin(transaction, message);
    if (twin) return twin;
    const budget = await this.use.findBudget(transaction, message.organizationId);
    return this.findBlocked(transaction, message, this.limits(budget));
  }

  private async findTwin(transaction: Transaction, message: NewMessage): Promise<Reservation | undefined> {
    const id = await this.messages.findTwin(transaction, message, after(message.createdAt, -twinWindow));
    return id === undefined ? undefined : { outcome: 'twin', id };
  }

  /** Of several limits the one that opens last: before that, none of the others helps. */
  private async findBlocked(transaction: Transaction, message: NewMessage, limits: readonly Limit[]): Promise<Reservation | undefined> {
    let last: { readonly limit: LimitName; readonly until: Date } | undefined;
    for (const limit of limits) {
      const blocking = await this.messages.findBlocking(transaction, message, limit);
      const until = blocking && limit.until(blocking.createdAt);
      if (until && (!last || until > last.until)) last = { limit: limit.name, until };
    }
    return last && { outcome: 'limited', limit: last.limit, seconds: secondsUntil(last.until, this.clock.now()) };
  }

  private async warn(transaction: Transaction, message: NewMessage): Promise<void> {
    const day = this.limits(null).find(({ name }) => name === 'installation-day');
    const used = day && (await this.messages.count(transaction, message, day));
    if (used === messagesAt(warningPercent, this.dailyCap)) this.log.alarm('sms daily cap nearly reached', { used });
  }

  private limits(budget: number | null): readonly Limit[] {
    return smsLimits({ leniency: this.leniency, dailyCap: this.dailyCap, budget }, this.clock.now());
  }
}
