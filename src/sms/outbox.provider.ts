/** Development and tests: nothing leaves the machine, and the page /outbox shows it. Only the database can fail it. */
import type { OutboxStore } from '../outbox/outbox.store.js';
import { type Sms, SmsProvider, type SmsReport } from './sms-provider.js';

export class OutboxProvider extends SmsProvider {
  constructor(private readonly outbox: OutboxStore) {
    super();
  }

  async send({ to, text }: Sms): Promise<SmsReport> {
    await this.outbox.add({ channel: 'SMS', to, text });
    return { outcome: 'sent' };
  }
}
