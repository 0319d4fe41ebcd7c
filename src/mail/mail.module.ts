/** The port to mail: queued with a change, sent after the answer, tried again until it is taken. */
import { Module } from '@nestjs/common';
import { OutboxModule } from '../outbox/outbox.module.js';
import { OutboxStore } from '../outbox/outbox.store.js';
import { Clock } from '../platform/clock.js';
import { Settings } from '../platform/settings.js';
import { MailTransport } from './mail.js';
import { MailAfterAnswerMiddleware } from './mail-after-answer.middleware.js';
import { MailAttempt } from './mail-attempt.js';
import { MailDelivery } from './mail-delivery.service.js';
import { MailMessageStore } from './mail-message.store.js';
import { MailViews } from './mail-views.js';
import { Mail } from './mail.service.js';
import { OutboxTransport } from './outbox.transport.js';

const transport = { provide: MailTransport, inject: [Settings, OutboxStore, Clock], useFactory: transportOf };

@Module({
  imports: [OutboxModule],
  providers: [Mail, MailAfterAnswerMiddleware, MailAttempt, MailDelivery, MailMessageStore, MailViews, transport],
  exports: [Mail, MailDelivery],
})
export class MailModule {}

/** None in a command: what it queues, and what waits already, is sent by the server, which alone is known to be configured for it. */
async function transportOf({ config, isServer }: Settings, outbox: OutboxStore, clock: Clock): Promise<MailTransport | undefined> {
  if (!isServer) return undefined;
  const { MAIL_PROVIDER, SMTP_URL, MAIL_FROM } = config;
  if (SMTP_URL !== undefined && MAIL_FROM !== undefined) {
    // Nodemailer is loaded by a start that sends mail, and by no other.
    const { SmtpTransport } = await import('./smtp.transport.js');
    return new SmtpTransport({ SMTP_URL, MAIL_FROM }, clock);
  }
  return MAIL_PROVIDER === 'outbox' ? new OutboxTransport(outbox) : undefined;
}
