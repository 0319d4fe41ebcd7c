/** The way out to the provider, if there is one, with the breaker before it. */
import { Inject, Injectable } from '@nestjs/common';
import { OutboxStore } from '../outbox/outbox.store.js';
import { Clock } from '../platform/clock.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { Breaker } from './breaker.js';
import { OutboxProvider } from './outbox.provider.js';
import type { Sms, SmsProvider, SmsReport } from './sms-provider.js';
import { VonageProvider } from './vonage.provider.js';

@Injectable()
export class SmsGateway {
  private readonly provider: SmsProvider | undefined;
  private readonly breaker: Breaker;

  constructor(
    @Inject(Settings) settings: Settings,
    @Inject(OutboxStore) outbox: OutboxStore,
    @Inject(Clock) clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {
    this.provider = providerOf(settings, outbox);
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

function providerOf({ config }: Settings, outbox: OutboxStore): SmsProvider | undefined {
  switch (config.SMS_PROVIDER) {
    case 'outbox':
      return new OutboxProvider(outbox);
    case 'vonage':
      return new VonageProvider({
        apiKey: config.VONAGE_API_KEY ?? '',
        apiSecret: config.VONAGE_API_SECRET ?? '',
        from: config.VONAGE_FROM ?? '',
        baseUrl: config.VONAGE_BASE_URL,
        wantsReceipts: config.VONAGE_SIGNATURE_SECRET !== undefined,
      });
    case 'none':
      return undefined;
  }
}
