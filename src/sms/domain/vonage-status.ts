/** What the answers of Vonage's SMS API mean for us: https://developer.vonage.com/en/api-errors/sms */

/** Ours: configuration, account or credit, for the operator. Later: it may work in a while. Number: it cannot be reached. */
export type FailureCause = 'ours' | 'later' | 'number';

const causes: Readonly<Record<string, FailureCause>> = {
  '1': 'later', // throttled
  '2': 'ours', // a parameter is missing
  '3': 'ours', // a parameter is invalid
  '4': 'ours', // wrong credentials
  '5': 'later', // internal error
  '6': 'number', // the message cannot be processed: an unknown prefix, say
  '7': 'number', // the number is barred
  '8': 'ours', // the account is suspended
  '9': 'ours', // no credit
  '10': 'later', // too many connections
  '11': 'ours', // the account may not use this API
  '12': 'ours', // too long
  '14': 'ours', // invalid signature
  '15': 'ours', // a sender that this destination does not allow
  '22': 'ours', // unknown network code
  '23': 'ours', // invalid callback address
  '29': 'ours', // a trial account, and the number is not on its list
  '32': 'ours', // signature and secret together
  '33': 'number', // the number is not in use any more
};

/** @param status the `status` of a message in the answer, other than `0` */
export function causeOfStatus(status: string): FailureCause {
  return Object.hasOwn(causes, status) ? (causes[status] ?? 'later') : 'later';
}

/** How Vonage names a message. */
export const providerIdForm = /^[\w-]{1,64}$/;

export type Receipt = 'DELIVERED' | 'UNDELIVERED';

/** What a delivery receipt says for good; undefined while the message is on its way. */
export function outcomeOfReceipt(status: string): Receipt | undefined {
  if (status === 'delivered') return 'DELIVERED';
  return ['expired', 'failed', 'rejected', 'deleted'].includes(status) ? 'UNDELIVERED' : undefined;
}
