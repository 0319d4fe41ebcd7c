/** The way out to the provider, if there is one, with the breaker before it. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/log.js';
import { Breaker } from './breaker.js';
import { type Sms, SmsProvider, type SmsReport } from './sms-provider.js';

@Injectable()
export class SmsGateway {
  private readonly breaker: Breaker;

  constructor(
    @Inject(SmsProvider) private readonly provider: SmsProvider | undefined,
    @Inject(Clock) clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    this.breaker = new Breaker(clock);
  }

  get isConnected(): boolean {
    return this.provider !== undefined;
  }

  /** Until when the provider is left alone, after five outages in a row. */
  get restsUntil(): Date | undefined {
    return this.breaker.openUntil;
  }

  async send(sms: Sms): Promise<SmsReport> {
    if (!this.provider) throw new Error('a message for a provider that is not configured');
    const report = await this.provider.send(sms);
    const isOutage = report.outcome === 'failed' && report.isOutage;
    this.breaker.record(isOutage);
    if (isOutage && this.restsUntil) this.log.alarm('sms provider left alone', { until: this.restsUntil.toISOString() });
    return report;
  }
}
