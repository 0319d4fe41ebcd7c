/** Sending a message: the number, the country and every limit are checked first, then the provider is asked once. */
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, seconds, secondsUntil } from '../platform/clock.js';
import { Keyring } from '../platform/keyring.js';
import { Log } from '../platform/log.js';
import { smsNumberOf } from '../platform/phone-number.js';
import { randomId } from '../platform/randomness.js';
import type { LimitName } from './domain/sms-limits.js';
import type { FailureCause } from './domain/vonage-status.js';
import { SmsBudget } from './sms-budget.service.js';
import { SmsGateway } from './sms-gateway.service.js';
import { takenStates } from './domain/sms-states.js';
import { type Fate, type NewMessage, SmsMessageStore } from './sms-message.store.js';
import { SmsReservations } from './sms-reservations.service.js';
import { type NumberRefusal, SmsUseStore } from './sms-use.store.js';

export type SmsRequest = {
  readonly userId: string;
  readonly organizationId: string;
  /** E.164 */
  readonly number: string;
  /** where the request came from, as limits count it */
  readonly address: string;
  /** what the twin of the post is recognized by */
  readonly postDigest: string | undefined;
  readonly text: string;
  /** Called once the provider took the message, and before anybody else learns of it. */
  readonly whenTaken: (messageId: string) => Promise<void>;
};

export type SmsOutcome =
  | { readonly outcome: 'sent' }
  /** The same post, sent by a double click, had it sent. */
  | { readonly outcome: 'sent-by-twin' }
  | { readonly outcome: 'number-refused' }
  | { readonly outcome: 'country-refused'; readonly country: string }
  | { readonly outcome: 'limited'; readonly limit: LimitName; readonly seconds: number }
  | { readonly outcome: 'failed'; readonly cause: FailureCause; readonly seconds?: number };

/** How often the twin looks whether the first post is answered: the provider is waited for five seconds. */
const twinLooks = 24;

@Injectable()
export class SmsSending {
  constructor(
    @Inject(SmsGateway) private readonly gateway: SmsGateway,
    @Inject(SmsReservations) private readonly reservations: SmsReservations,
    @Inject(SmsMessageStore) private readonly messages: SmsMessageStore,
    @Inject(SmsUseStore) private readonly use: SmsUseStore,
    @Inject(SmsBudget) private readonly budget: SmsBudget,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** Whether this installation can send any. */
  get isConnected(): boolean {
    return this.gateway.isConnected;
  }

  /** How long a user has to wait between two messages; undefined when another may be sent now. */
  nextMessageAt(userId: string): Promise<Date | undefined> {
    return this.reservations.nextMessageAt(userId);
  }

  async send(request: SmsRequest): Promise<SmsOutcome> {
    const known = smsNumberOf(request.number);
    if (!known) return this.refuse(request, 'number-kind', { outcome: 'number-refused' });
    const { number, country } = known;
    if (!(await this.use.isCountryAllowed(request.organizationId, country)))
      return this.refuse(request, 'country', { outcome: 'country-refused', country });
    const restsUntil = this.gateway.restsUntil;
    if (restsUntil) return { outcome: 'failed', cause: 'later', seconds: secondsUntil(restsUntil, this.clock.now()) };
    const message = this.messageOf({ ...request, number }, country);
    const reservation = await this.reservations.reserve(message, request.address);
    switch (reservation.outcome) {
      case 'twin':
        return this.outcomeOfTwin(reservation.id);
      case 'limited':
        // Where the process that sent the last message died, nobody was told.
        if (reservation.limit === 'budget') await this.budget.tellOwners(request.organizationId, message.createdAt);
        return reservation;
      case 'reserved':
        return this.handOver(message, { ...request, number });
    }
  }

  /** The owner sees how often it happens. */
  private async refuse(
    { userId: user, organizationId, address }: SmsRequest,
    reason: NumberRefusal,
    outcome: SmsOutcome,
  ): Promise<SmsOutcome> {
    await this.use.recordRefusal(organizationId, reason, this.clock.now());
    this.log.security('sms refused', { user, address, organization: organizationId, reason });
    return outcome;
  }

  private messageOf({ userId, organizationId, number, address, postDigest }: SmsRequest, country: string): NewMessage {
    return {
      id: randomId(),
      organizationId,
      userId,
      country,
      numberKey: this.keyring.mac('sms-number', number),
      prefixKey: this.keyring.mac('sms-prefix', number.slice(0, -4)),
      addressKey: this.keyring.mac('sms-address', address),
      postDigest: postDigest ?? null,
      createdAt: this.clock.now(),
    };
  }

  private async handOver(
    { id, userId, organizationId, country, createdAt }: NewMessage,
    { number, text, whenTaken }: SmsRequest,
  ): Promise<SmsOutcome> {
    const report = await this.gateway.send({ id, to: number, text });
    if (report.outcome === 'sent') await whenTaken(id);
    await this.messages.settle(id, report);
    if (report.outcome === 'sent' || report.isPerhapsSent) await this.budget.tellOwners(organizationId, createdAt);
    const about = { message: id, user: userId, organization: organizationId, country };
    if (report.outcome === 'sent') {
      this.log.info('sms sent', about);
      return { outcome: 'sent' };
    }
    const { cause, reason } = report;
    // A number that cannot be reached is nobody's fault here.
    if (cause === 'number') this.log.info('sms not sent', { ...about, cause, reason });
    else this.log.error('sms not sent', undefined, { ...about, cause, reason });
    return { outcome: 'failed', cause: report.cause };
  }

  private async outcomeOfTwin(id: string): Promise<SmsOutcome> {
    for (let look = 0; look < twinLooks; look += 1) {
      const fate = await this.messages.findFate(id);
      if (fate?.state !== 'SENDING') return fate && takenStates.includes(fate.state) ? { outcome: 'sent-by-twin' } : failedLike(fate);
      await pause(seconds(0.25));
    }
    return failedLike(undefined);
  }
}

function failedLike(fate: Fate | undefined): SmsOutcome {
  return { outcome: 'failed', cause: fate?.cause ?? 'later' };
}
