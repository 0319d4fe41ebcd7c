/** The port to SMS: sending within limits, what became of it, and what it cost. */
import { Inject, Module } from '@nestjs/common';
import { OutboxModule } from '../outbox/outbox.module.js';
import { OutboxStore } from '../outbox/outbox.store.js';
import { monthOf } from '../platform/calendar.js';
import { after, hours, minutes } from '../platform/clock.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { UsersModule } from '../users/users.module.js';
import { OutboxProvider } from './outbox.provider.js';
import { ReceiptsController } from './receipts.controller.js';
import { SmsBudget } from './sms-budget.service.js';
import { SmsGateway } from './sms-gateway.service.js';
import { SmsMessageStore } from './sms-message.store.js';
import { SmsProvider } from './sms-provider.js';
import { SmsReservations } from './sms-reservations.service.js';
import { SmsSending } from './sms-sending.service.js';
import { SmsUseStore } from './sms-use.store.js';

/** Long enough for last month's bill. */
const keptMessages = hours(24 * 90);

/** Far longer than the provider is waited for. */
const longestSending = minutes(10);

const provider = { provide: SmsProvider, inject: [Settings, OutboxStore], useFactory: providerOf };

@Module({
  imports: [SessionsModule, UsersModule, OutboxModule],
  controllers: [ReceiptsController],
  providers: [provider, SmsBudget, SmsGateway, SmsMessageStore, SmsReservations, SmsSending, SmsUseStore],
  exports: [SmsSending, SmsUseStore],
})
export class SmsModule {
  constructor(
    @Inject(Sweeper) sweeper: Sweeper,
    @Inject(SmsMessageStore) messages: SmsMessageStore,
    @Inject(SmsUseStore) use: SmsUseStore,
  ) {
    sweeper.register('sms_messages', async (now) => {
      await messages.giveUpAbandoned(after(now, -longestSending));
      return messages.sweep(after(now, -keptMessages));
    });
    sweeper.register('sms_refusals', (now) => use.sweep(monthOf(after(now, -keptMessages))));
  }
}

/** Vonage's SDK is loaded by a start that sends through it, and by no other. */
async function providerOf({ config }: Settings, outbox: OutboxStore): Promise<SmsProvider | undefined> {
  switch (config.SMS_PROVIDER) {
    case 'outbox':
      return new OutboxProvider(outbox);
    case 'vonage': {
      const { VonageProvider } = await import('./vonage.provider.js');
      return new VonageProvider({
        apiKey: config.VONAGE_API_KEY ?? '',
        apiSecret: config.VONAGE_API_SECRET ?? '',
        from: config.VONAGE_FROM ?? '',
        baseUrl: config.VONAGE_BASE_URL,
        wantsReceipts: config.VONAGE_SIGNATURE_SECRET !== undefined,
      });
    }
    case 'none':
      return undefined;
  }
}
