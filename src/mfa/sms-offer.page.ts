/** What a page shows of codes by SMS: the form that sends one, and what became of the last. */
import { secondsUntil } from '../platform/clock.js';
import { maskedNumber, timeOfDay } from '../platform/wording.js';
import { type SmsStanding, codeLifetimeMinutes } from './sms-codes.service.js';

export type SmsOffer = {
  /** such as `number ending in 78` */
  readonly to: string;
  readonly sent: { readonly at: string; readonly lifetimeMinutes: number; readonly isUndelivered: boolean } | undefined;
  /** Until then no other one is sent; undefined when one may be sent now. */
  readonly againInSeconds: number | undefined;
};

/** @returns undefined where no code can be sent by SMS */
export function smsOffer({ obstacle, phoneNumber, sent, nextAt }: SmsStanding, now: Date): SmsOffer | undefined {
  if (obstacle || phoneNumber === null) return undefined;
  return {
    to: maskedNumber(phoneNumber),
    sent: sent && { at: timeOfDay(sent.sentAt), lifetimeMinutes: codeLifetimeMinutes, isUndelivered: sent.state === 'UNDELIVERED' },
    againInSeconds: nextAt && nextAt > now ? secondsUntil(nextAt, now) : undefined,
  };
}
