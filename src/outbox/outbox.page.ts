import { Page } from '../platform/answer.js';
import { dateAndTime } from '../platform/wording.js';
import type { OutboxMessage } from './outbox.store.js';

const channelNames = { SMS: 'SMS', MAIL: 'Mail' } as const;

export function outboxPage(messages: readonly OutboxMessage[]): Page {
  return new Page('outbox/outbox', {
    messages: messages.map(({ channel, to, subject, text, sentAt }) => ({
      channel: channelNames[channel],
      to,
      subject,
      text,
      sentAt: dateAndTime(sentAt),
      sentAtExactly: sentAt.toISOString(),
    })),
  });
}

/** The same for automated runs. */
export function outboxList(messages: readonly OutboxMessage[]): readonly object[] {
  return messages.map(({ channel, to, subject, text, html, sentAt }) =>
    channel === 'SMS' ? { channel: 'sms', to, text, sentAt } : { channel: 'mail', to, subject, text, html, sentAt },
  );
}
