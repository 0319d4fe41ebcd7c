/** The connections of a server, and what is being answered on each of them: so that it can end in order. */
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Node's own end waits for every connection that is in use, lets each be used for ever, and counts one on which a browser has asked
 * nothing yet as one of these.
 */
export class Connections {
  private readonly answers = new Map<Duplex, Set<ServerResponse>>();
  private isEnding = false;

  constructor(server: Server) {
    // The server's end asks for this, and Node's own cuts off an answer of which the last part is still on its way.
    server.closeIdleConnections = () => this.end();
    server.on('connection', (socket: Socket) => {
      this.answers.set(socket, new Set());
      socket.once('close', () => this.answers.delete(socket));
    });
    server.prependListener('request', ({ socket }, response) => this.watch(socket, response));
  }

  /** What is under way there: into such an answer nothing else may be written. */
  isAnswering(socket: Duplex): boolean {
    return [...(this.answers.get(socket) ?? [])].some(({ headersSent, writableFinished }) => headersSent && !writableFinished);
  }

  /** One on which no request has arrived whole ends at once, each of the others behind its last answer. */
  private end(): void {
    this.isEnding = true;
    for (const [socket, answers] of this.answers) {
      const newest = [...answers].at(-1);
      if (newest) endWith(newest);
      else socket.destroy();
    }
  }

  private watch(socket: Socket, response: ServerResponse): void {
    const answers = this.answers.get(socket);
    answers?.add(response);
    if (this.isEnding) endWith(response);
    response.once('close', () => {
      answers?.delete(response);
      // One that had begun told its browser that the connection stays.
      if (this.isEnding && answers?.size === 0) socket.destroySoon();
    });
  }
}

function endWith(answer: ServerResponse): void {
  if (!answer.headersSent) answer.shouldKeepAlive = false;
}
