/**
 * What Node refuses before there is a request: too large a header, no HTTP, two lengths that differ, too slow, an expectation. Its
 * own answer to these carries none of the headers that every answer has to carry (OWASP ASVS 5.0, 3.4.1).
 */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { Attachment } from './attachment.js';
import { errorCode } from './error-code.js';

const statuses: ReadonlyMap<string | undefined, number> = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

type Headers = readonly (readonly [name: string, value: string])[];

/** @param headers those of every answer */
export function answerUnreadable(server: Server, headers: Headers): void {
  const answers = new Attachment<ServerResponse>();
  server.on('request', ({ socket }, response) => answers.set(socket, response));
  // An expectation that is not `100-continue` (RFC 9110, 10.1.1).
  server.on('checkExpectation', (_: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    response.writeHead(417, { Connection: 'close' }).end();
  });
  server.on('clientError', (error, socket) => {
    // Into an answer that is under way nothing is written: whoever reads it could not tell where it ends.
    const answer = answers.get(socket);
    if (socket.writable && (!answer?.headersSent || answer.writableFinished)) socket.write(answerTo(error, headers));
    socket.destroy(error);
  });
}

function answerTo(error: Error, headers: Headers): string {
  const status = statuses.get(errorCode(error)) ?? 400;
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, 'Content-Length: 0', 'Connection: close', '', ''].join('\r\n');
}
