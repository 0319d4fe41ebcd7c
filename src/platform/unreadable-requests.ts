/**
 * What is refused before there is a request that could be acted upon: too large a header, no HTTP, two lengths that differ, too slow,
 * an expectation, no name of a host, an address that is none. Node's and Express' own answers to these carry none of the headers that
 * every answer has to carry (OWASP ASVS 5.0, 3.4.1).
 */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Header } from './answer-headers.js';
import type { Connections } from './connections.js';
import { errorCode } from './error-code.js';

const statuses: ReadonlyMap<string | undefined, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

/** @param headers those of every answer */
export function answerUnreadable(server: Server, connections: Connections, headers: readonly Header[]): void {
  // An expectation that is not `100-continue` (RFC 9110, 10.1.1).
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    refuse(response, headers, 417);
  });
  server.on('clientError', (error, socket) => {
    // Into an answer that is under way nothing is written: whoever reads it could not tell where it ends.
    if (socket.writable && !connections.isAnswering(socket)) socket.write(answerTo(error, headers));
    socket.destroy(error);
  });
}

/** Without a page, and the connection ends with it. @param status HTTP's */
export function refuse(response: ServerResponse, headers: readonly Header[], status = 400): void {
  if (response.headersSent) return void response.destroy();
  for (const [name, value] of headers) response.setHeader(name, value);
  response.writeHead(status, { Connection: 'close' }).end();
}

function answerTo(error: Error, headers: readonly Header[]): string {
  const status = statuses.get(errorCode(error)) ?? 400;
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, 'Content-Length: 0', 'Connection: close', '', ''].join('\r\n');
}
