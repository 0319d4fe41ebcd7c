/**
 * Vonage's SDK with another way over the network. Its own follows redirects, which sends number and code once more, to
 * wherever the answer says (OWASP ASVS 5.0, 13.2.4; two in a row end the process: node-fetch throws where nobody
 * catches), and takes an answer that breaks off for one that cannot be read.
 */
import { SMS } from '@vonage/sms';
import { z } from 'zod';
import { seconds } from '../platform/clock.js';

/** From the name look-up to the last byte of the answer. */
const answerTimeout = seconds(5);

type Options = Parameters<SMS['sendRequest']>[0];

/** Another HTTP status than 200. */
export class HttpFailure extends Error {
  readonly code = 'HTTP_FAILURE';
  constructor(readonly status: number) {
    super(`HTTP ${status}`);
  }
}

class AnswerTooLongError extends Error {
  readonly code = undefined;
}

export class VonageClient extends SMS {
  /** @throws HttpFailure, what the network said, or SyntaxError for an answer that is not JSON */
  override async sendRequest<Data>(asked: Options) {
    const request = await this.prepareRequest(asked);
    const { url, method, headers = {} } = request;
    const response = await fetch(url, {
      method,
      headers: [...Object.entries(headers), ['accept-encoding', 'identity']],
      body: this.prepareBody(request) ?? null,
      redirect: 'manual',
      signal: AbortSignal.timeout(answerTimeout),
    });
    const text = await shortText(response);
    if (!response.ok) throw new HttpFailure(response.status);
    const data = z.custom<Data>().parse(JSON.parse(text));
    return { data, config: request, request, status: response.status, statusText: response.statusText, headers: {} };
  }
}

/** An answer has less than a thousandth of this; more is not read. */
const longestAnswer = 64 * 1024;

/** @throws AnswerTooLongError */
async function shortText({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const stream: AsyncIterable<Uint8Array> | null = body;
  for await (const part of stream ?? []) {
    length += part.length;
    if (length > longestAnswer) throw new AnswerTooLongError('more than an answer of the SMS API can be');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
