/**
 * One kept connection at a time, one request after the other on it: HTTP/1.1 as far as these servers speak it. What sends shares the
 * machine with what answers, and this takes a fraction of the processor time of node:http or fetch.
 */
import { connect } from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');
const empty = Buffer.alloc(0);

export class Connection {
  #socket;
  #received = empty;
  #answer;
  #waiting;
  #missing = 0;

  /** @param port on this machine; opened at the first request, and again where the server closed it between two */
  constructor(port) {
    this.port = port;
  }

  /** @param request as bytes or text, whole. @returns the answer: `status`, `head` as text and `body` as bytes */
  send(request) {
    if (this.#waiting) throw new Error('a connection carries one request at a time');
    if (!this.#socket || this.#socket.destroyed) this.#open();
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close() {
    this.#socket?.destroy();
  }

  #open() {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    this.#received = empty;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection before it answered')));
  }

  #fail(error) {
    this.#socket?.destroy();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#answer = undefined;
    waiting?.reject(error);
  }

  #take(chunk) {
    this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, chunk]) : chunk;
    if (!this.#answer) {
      const end = this.#received.indexOf(endOfHead);
      if (end === -1) return;
      this.#begin(this.#received.latin1Slice(0, end + 2));
      this.#received = this.#received.subarray(end + 4);
    }
    if (this.#missing === 'chunks') this.#takeChunks();
    else if (this.#received.length >= this.#missing) this.#finish(this.#received.subarray(0, this.#missing));
  }

  #begin(head) {
    this.#answer = { status: Number(head.slice(9, 12)), head };
    const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head);
    this.#missing = length ? Number(length[1]) : /\r\ntransfer-encoding: *chunked\r\n/i.test(head) ? 'chunks' : 0;
  }

  /** Parsed anew with each piece: an answer in parts comes in one or two. */
  #takeChunks() {
    const parts = [];
    let at = 0;
    for (;;) {
      const line = this.#received.indexOf('\r\n', at);
      if (line === -1) return;
      const size = Number.parseInt(this.#received.latin1Slice(at, line), 16);
      const end = line + 2 + size;
      if (this.#received.length < end + 2) return;
      if (size === 0) return this.#finish(Buffer.concat(parts));
      parts.push(this.#received.subarray(line + 2, end));
      at = end + 2;
    }
  }

  #finish(body) {
    const [answer, waiting] = [this.#answer, this.#waiting];
    this.#answer = undefined;
    this.#waiting = undefined;
    this.#received = empty;
    waiting?.resolve({ ...answer, body });
  }
}

/** @param headers besides Host and Connection; a body needs its type */
export function requestOf({ port, method = 'GET', path, headers = {}, body }) {
  const lines = Object.entries({ ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) });
  const head = [`${method} ${path} HTTP/1.1`, `host: localhost:${port}`, 'connection: keep-alive', ...lines.map((pair) => pair.join(': '))];
  return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
