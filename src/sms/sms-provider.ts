/** The port: send this text to this number, and tell what became of it. */
import type { FailureCause } from './domain/vonage-status.js';

export type Sms = {
  /** the message's row: receipts bring it back */
  readonly id: string;
  /** E.164 */
  readonly to: string;
  /** one segment in the GSM alphabet */
  readonly text: string;
};

export type SmsReport = { readonly outcome: 'sent'; readonly providerId?: string; readonly price?: Price } | SmsFailure;

/** An amount as the provider writes it, and ISO 4217. */
export type Price = { readonly amount: string; readonly currency: string };

export type SmsFailure = {
  readonly outcome: 'failed';
  readonly cause: FailureCause;
  /** Nobody knows: the provider was asked, and did not say. */
  readonly isPerhapsSent: boolean;
  /** The provider could not be reached, did not answer or failed altogether. */
  readonly isOutage: boolean;
  /** For the log: without number, text or code. */
  readonly reason: string;
};

export abstract class SmsProvider {
  /** One attempt, which ends within five seconds; it never throws. */
  abstract send(sms: Sms): Promise<SmsReport>;
}
