/** Development and tests: a mail goes to the outbox page instead of out. */
import type { OutboxStore } from '../outbox/outbox.store.js';
import { MailTransport, type OutgoingMail } from './mail.js';

export class OutboxTransport extends MailTransport {
  constructor(private readonly outbox: OutboxStore) {
    super();
  }

  async send({ to, subject, text, html }: OutgoingMail): Promise<void> {
    await this.outbox.add({ channel: 'MAIL', to, subject, text, html });
  }
}
