/** What Vonage's SDK gives or throws, read into what became of the message. A refusal comes in an HTTP 200, as an error. */
import { z } from 'zod';
import { errorCode } from '../platform/error-code.js';
import { causeOfStatus, providerIdForm } from './domain/vonage-status.js';
import type { Price, SmsFailure, SmsReport } from './sms-provider.js';
import { HttpFailure } from './vonage-client.js';

/** What is no id of theirs is left out: the message was taken all the same. */
const message = z.object({
  status: z.string(),
  messageId: z.string().regex(providerIdForm).optional().catch(undefined),
  messagePrice: z.string().optional(),
});
const answer = z.object({ messages: z.array(message).min(1) });
const refusal = z.object({ response: answer });
const named = z.object({ name: z.string() });
const caused = z.object({ cause: z.unknown() });

/** Four digits before the point are kept: no message costs more. */
const mostPaid = 9_999;

/** Vonage accounts are kept in euro, and its answers name no currency. */
const currency = 'EUR';

/** The connection was never made, so nothing was handed over. So it is where the other side's certificate is not to be trusted. */
const unreached: ReadonlySet<string | undefined> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
const untrusted = /CERT|^UNABLE_TO_|^ERR_SSL_/;

export function readAnswer(given: unknown): SmsReport {
  const parsed = answer.safeParse(given);
  if (!parsed.success) return unreadable;
  const refused = parsed.data.messages.find(({ status }) => status !== '0');
  if (refused) return failed({ cause: causeOfStatus(refused.status), reason: `status ${refused.status}` });
  const [first] = parsed.data.messages;
  const price = priceOf(parsed.data.messages);
  return { outcome: 'sent', ...(first?.messageId && { providerId: first.messageId }), ...(price && { price }) };
}

/** @param error what the SDK threw: a refusal, another HTTP status than 200, or what the network said */
export function readError(error: unknown): SmsReport {
  const refused = refusal.safeParse(error);
  if (refused.success) return readAnswer(refused.data.response);
  if (error instanceof HttpFailure) return ofStatus(error.status);
  if (named.safeParse(error).data?.name === 'TimeoutError') return outage({ isPerhapsSent: true, reason: 'timed out' });
  const code = errorCode(caused.safeParse(error).data?.cause);
  return code === undefined ? unreadable : ofNetwork(code);
}

function ofNetwork(code: string): SmsFailure {
  return outage({ isPerhapsSent: !unreached.has(code) && !untrusted.test(code), reason: `network ${code}` });
}

function ofStatus(status: number): SmsFailure {
  const reason = `HTTP ${status}`;
  if (status >= 500) return outage({ isPerhapsSent: true, reason });
  return failed({ cause: status === 429 ? 'later' : 'ours', reason });
}

function failed(failure: Pick<SmsFailure, 'cause' | 'reason'>): SmsFailure {
  return { outcome: 'failed', isPerhapsSent: false, isOutage: false, ...failure };
}

function outage(failure: Pick<SmsFailure, 'isPerhapsSent' | 'reason'>): SmsFailure {
  return { outcome: 'failed', cause: 'later', isOutage: true, ...failure };
}

/** An answer that cannot be read: the message may be on its way all the same. */
const unreadable: SmsFailure = { outcome: 'failed', cause: 'later', isPerhapsSent: true, isOutage: false, reason: 'unreadable answer' };

function priceOf(messages: readonly z.output<typeof message>[]): Price | undefined {
  const amounts = messages.flatMap(({ messagePrice }) =>
    messagePrice && /^\d{1,4}(\.\d{1,12})?$/.test(messagePrice) ? [messagePrice] : [],
  );
  if (amounts.length === 0) return undefined;
  const sum = amounts.reduce((total, amount) => total + Number(amount), 0);
  return sum < mostPaid ? { amount: sum.toFixed(8), currency } : undefined;
}
