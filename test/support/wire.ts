/** Requests as an attacker writes them: nothing tidies up the address, the method or the header lines. */
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';

export type WireRequest = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

export type WireAnswer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const form = 'application/x-www-form-urlencoded';

afterAll(() => agent.destroy());

/** Sends the target as it stands. A body goes as a form, unless the headers say otherwise. */
export async function wire(base: string, { method = 'GET', path, headers = {}, body }: WireRequest): Promise<WireAnswer> {
  const { port, host } = new URL(base);
  const typed = body === undefined ? {} : { 'content-type': form, 'content-length': String(Buffer.byteLength(body)) };
  const sent = request({ agent, host: '127.0.0.1', port, method, path, headers: { host, ...typed, ...headers } });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { statusCode?: number; headers: IncomingHttpHeaders }];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() };
}

/** Writes the lines to a socket of its own and reads until the server hangs up: for what no HTTP client sends. */
export async function lines(base: string, head: readonly string[], body = ''): Promise<Pick<WireAnswer, 'status' | 'body'>> {
  const socket = connect(Number(new URL(base).port), '127.0.0.1');
  socket.write(`${[...head, 'Connection: close', '', ''].join('\r\n')}${body}`, 'latin1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString();
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), body: text };
}

/** The path that an answer leads to, or undefined. */
export function leadsTo({ headers }: WireAnswer, base: string): string | undefined {
  return headers.location === undefined ? undefined : new URL(headers.location, base).pathname;
}

/** Whether it is a page of somebody who is signed in. */
export function isMembersPage({ body }: Pick<WireAnswer, 'body'>): boolean {
  return body.includes('data-testid="signed-in-as"');
}
