/** What the outbox of a door holds: what would have been sent by SMS and mail. */
import { MailDelivery } from '../../src/mail/mail-delivery.service.js';
import type { Door } from './door.js';
import { keepSecret } from './log-watch.js';

export type Sent = {
  readonly channel: 'sms' | 'mail';
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
  readonly sentAt: string;
};

/** Newest first, once every mail that was queued is there. */
export async function sentBy(door: Door): Promise<readonly Sent[]> {
  await door.app.get(MailDelivery).deliverDue();
  const sent = JSON.parse((await door.browser().get('/outbox?format=json')).body) as Sent[];
  for (const { channel, to, text } of sent) {
    keepSecret(channel, to);
    if (channel === 'sms') keepSecret('code by SMS', text.slice(0, 6));
  }
  return sent;
}

export async function mailsTo(door: Door, address: string): Promise<readonly Sent[]> {
  return (await sentBy(door)).filter(({ channel, to }) => channel === 'mail' && to === address);
}

export async function smsTo(door: Door, number: string): Promise<readonly Sent[]> {
  return (await sentBy(door)).filter(({ channel, to }) => channel === 'sms' && to === number);
}

/** The newest code that a number was sent. */
export async function codeTo(door: Door, number: string): Promise<string> {
  const [newest] = await smsTo(door, number);
  return newest?.text.slice(0, 6) ?? 'no SMS';
}

/** Six digits that are not these. */
export function otherThan(code: string): string {
  return code === '000000' ? '000001' : '000000';
}
