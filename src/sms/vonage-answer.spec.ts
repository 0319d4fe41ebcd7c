import { readAnswer, readError } from './vonage-answer.js';
import { HttpFailure } from './vonage-client.js';

const unreadable = { outcome: 'failed', cause: 'later', isPerhapsSent: true, isOutage: false, reason: 'unreadable answer' };
const message = { status: '0', messageId: '0C000000217B7F02', messagePrice: '0.07250000' };

describe('an answer of Vonage', () => {
  it('with status 0 is a message that was sent, with the provider’s name for it and its price', () => {
    expect(readAnswer({ messages: [message] })).toEqual({
      outcome: 'sent',
      providerId: '0C000000217B7F02',
      price: { amount: '0.07250000', currency: 'EUR' },
    });
  });

  it('names the price of all parts together', () => {
    expect(readAnswer({ messages: [message, { ...message, messagePrice: '0.1' }] })).toMatchObject({ price: { amount: '0.17250000' } });
  });

  it.each([undefined, '', 'free', '-1', '1e3', 'NaN', '12345.6', '0,07'])('has no price of %p', (messagePrice) => {
    const { messagePrice: _, ...priceless } = message;
    const given = messagePrice === undefined ? priceless : { ...priceless, messagePrice };
    expect(readAnswer({ messages: [given] })).toEqual({ outcome: 'sent', providerId: '0C000000217B7F02' });
  });

  it('with another status is a refusal, also of one part of several', () => {
    expect(readAnswer({ messages: [message, { status: '9' }] })).toEqual({
      outcome: 'failed',
      cause: 'ours',
      isPerhapsSent: false,
      isOutage: false,
      reason: 'status 9',
    });
  });

  it.each([undefined, null, '', [], {}, { messages: [] }, { messages: [{}] }, { messages: [{ status: 0 }] }, { messages: 'none' }])(
    'cannot be read when it is %j, and the message may be on its way',
    (given) => {
      expect(readAnswer(given)).toEqual(unreadable);
    },
  );
});

describe('an error on the way to Vonage', () => {
  const network = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('+31612345678'), { code }) });

  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED'])(
    'of %s is an outage, and nothing was sent',
    (code) => {
      expect(readError(network(code))).toEqual({
        outcome: 'failed',
        cause: 'later',
        isPerhapsSent: false,
        isOutage: true,
        reason: `network ${code}`,
      });
    },
  );

  it.each(['ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'SELF_SIGNED_CERT_IN_CHAIN'])(
    'of %s means that nothing was sent',
    (code) => {
      expect(readError(network(code))).toMatchObject({ isPerhapsSent: false, isOutage: true });
    },
  );

  it.each(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ETIMEDOUT'])('of %s is an outage, and the message may be on its way', (code) => {
    expect(readError(network(code))).toMatchObject({ isPerhapsSent: true, isOutage: true });
  });

  it('that took too long is an outage, and the message may be on its way', () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    expect(readError(error)).toMatchObject({ isPerhapsSent: true, isOutage: true, reason: 'timed out' });
  });

  it.each([
    [301, false, false, 'ours'],
    [400, false, false, 'ours'],
    [401, false, false, 'ours'],
    [429, false, false, 'later'],
    [500, true, true, 'later'],
    [504, true, true, 'later'],
  ])('of HTTP %i: perhaps sent %p, an outage %p, %s', (status, isPerhapsSent, isOutage, cause) => {
    expect(readError(new HttpFailure(status))).toEqual({ outcome: 'failed', cause, isPerhapsSent, isOutage, reason: `HTTP ${status}` });
  });

  it.each([new SyntaxError('Unexpected token < in JSON'), new Error('+31612345678'), 'text', undefined, null, {}])(
    'that says nothing is an answer that cannot be read: %p',
    (error) => {
      expect(readError(error)).toEqual(unreadable);
    },
  );
});
