/** A double of Vonage's SMS API on loopback: it speaks the documented requests and answers, the refusals and faults too. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signatureOf, type SignedParameters } from '../../src/sms/domain/receipt-signature.js';
import { keepSecret } from './log-watch.js';

export const vonageAccount = { VONAGE_API_KEY: 'abcd1234', VONAGE_API_SECRET: 'Secret1234567890', VONAGE_FROM: 'Gatehouse' };
export const signatureSecret = 'A signature secret of the account';

/** What a request to `POST /sms/json` asked for. */
export type VonageRequest = {
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly 'client-ref': string;
  readonly 'status-report-req': boolean;
};

/** What the double does with the next requests. */
export type VonageMood =
  | { readonly kind: 'accepts'; readonly price?: string }
  /** HTTP 200 with a status other than 0. */
  | { readonly kind: 'refuses'; readonly status: string }
  | { readonly kind: 'fails'; readonly http: number }
  | { readonly kind: 'babbles'; readonly body: string; readonly type?: string }
  | { readonly kind: 'resets' }
  /** Begins an answer and never ends it. */
  | { readonly kind: 'stalls-midway' }
  | { readonly kind: 'redirects'; readonly http: number }
  /** Takes the request and never answers. */
  | { readonly kind: 'stalls' };

export class VonageDouble {
  mood: VonageMood = { kind: 'accepts' };
  /** What happens in the world between a request and its answer. */
  beforeAnswer: (() => Promise<void>) | undefined;
  readonly requests: VonageRequest[] = [];
  private readonly server = createServer((request, response) => void this.answer(request, response));

  static async open(): Promise<VonageDouble> {
    const double = new VonageDouble();
    await new Promise<void>((resolve) => double.server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  /** What a Gatehouse needs to send through this double. */
  get environment(): Readonly<Record<string, string>> {
    const { port } = this.server.address() as AddressInfo;
    return {
      SMS_PROVIDER: 'vonage',
      ...vonageAccount,
      VONAGE_BASE_URL: `http://127.0.0.1:${port}`,
      VONAGE_SIGNATURE_SECRET: signatureSecret,
    };
  }

  get lastCode(): string {
    return /^\d{6}/.exec(this.requests.at(-1)?.text ?? '')?.[0] ?? '';
  }

  /** Of every message that was asked for. */
  get codes(): readonly string[] {
    return this.requests.flatMap(({ text }) => /^\d{6}/.exec(text) ?? []);
  }

  get lastMessageId(): string {
    return messageIdOf(this.requests.length);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const credentials = Buffer.from(`${vonageAccount.VONAGE_API_KEY}:${vonageAccount.VONAGE_API_SECRET}`).toString('base64');
    if (request.method !== 'POST' || request.url !== '/sms/json') return void response.writeHead(404).end();
    if (request.headers.authorization !== `Basic ${credentials}`) return void response.writeHead(401).end();
    const asked = JSON.parse(body) as VonageRequest;
    this.requests.push(asked);
    for (const value of [this.lastCode, asked.to, asked.text]) keepSecret('SMS', value);
    await this.beforeAnswer?.();
    switch (this.mood.kind) {
      case 'accepts':
        return this.accept(asked, response, this.mood.price ?? '0.07250000');
      case 'refuses':
        return json(response, 200, {
          'message-count': '1',
          messages: [{ to: asked.to, status: this.mood.status, 'error-text': 'The words of the error' }],
        });
      case 'fails':
        return json(response, this.mood.http, { type: 'about:blank', title: 'The title of the error' });
      case 'babbles':
        return void response.writeHead(200, { 'content-type': this.mood.type ?? 'application/json' }).end(this.mood.body);
      case 'resets':
        return void request.socket.resetAndDestroy();
      case 'redirects':
        return void response.writeHead(this.mood.http, { location: '/sms/json' }).end();
      case 'stalls-midway':
        return void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '300' }).write('{"message-count"');
      case 'stalls':
        return;
    }
  }

  private accept({ to, 'client-ref': clientRef }: VonageRequest, response: ServerResponse, price: string): void {
    const message = {
      to,
      'message-id': this.lastMessageId,
      status: '0',
      'remaining-balance': '3.14159265',
      'message-price': price,
      network: '20416',
      'client-ref': clientRef,
    };
    json(response, 200, { 'message-count': '1', messages: [message] });
  }
}

/** A delivery receipt as Vonage posts it, signed unless `secret` is another one. */
export function receiptOf(double: VonageDouble, status: string, at: Date, secret = signatureSecret): SignedParameters {
  const request = double.requests.at(-1);
  const parameters = {
    msisdn: request?.to ?? '',
    to: request?.from ?? '',
    'network-code': '20416',
    messageId: double.lastMessageId,
    price: '0.07250000',
    status,
    scts: '2611241200',
    'err-code': status === 'delivered' ? '0' : '1',
    'api-key': vonageAccount.VONAGE_API_KEY,
    'client-ref': request?.['client-ref'] ?? '',
    'message-timestamp': at.toISOString().slice(0, 19).replace('T', ' '),
    timestamp: String(Math.floor(at.getTime() / 1000)),
    nonce: '0f1e2d3c',
  };
  return { ...parameters, sig: signatureOf(parameters, secret) };
}

function messageIdOf(count: number): string {
  return `0C000000${String(count).padStart(8, '0')}`;
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
