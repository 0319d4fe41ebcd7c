/**
 * Express, as Nest sees it, with four things of our own: a table in front of its router, which tries the pattern of one route after
 * the other, answers that are sent as the values that handlers return, requests that are Express' own from the beginning, and our
 * headers on what Node and Express refuse by themselves.
 */
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Express, Request, RequestHandler, Response } from 'express';
import { isAnswer, sendOnSecondLook } from './answer.js';
import type { Header } from './answer-headers.js';
import { Connections } from './connections.js';
import { answerUnreadable, refuse } from './unreadable-requests.js';

type Handler = (request: Request, response: Response, next?: unknown) => unknown;
/** @param lost what Express calls where it has no answer */
type Listener = (request: IncomingMessage, response: ServerResponse, lost: () => void) => unknown;
type Known = { readonly route: { readonly path: string }; readonly handler: Handler };

export class Front extends ExpressAdapter {
  private readonly known = new Map<string, Known>();

  /** @param headers what an answer carries that is given before, or instead of, everything that is in use */
  constructor(private readonly headers: readonly Header[]) {
    super();
  }

  /** Answers an address that is spelled as its route is; any other goes on to the router: with parameters, HEAD, other spellings. */
  readonly answerKnown: RequestHandler = (request, response, next) => {
    const known = this.known.get(keyOf(request.method, request.path));
    if (!known) return next();
    request.route = known.route;
    return known.handler(request, response, next);
  };

  override get(path: unknown, handler?: unknown): unknown {
    return super.get(path, this.know('GET', path, handler));
  }

  override post(path: unknown, handler?: unknown): unknown {
    return super.post(path, this.know('POST', path, handler));
  }

  override initHttpServer(): void {
    const app: Express & Listener = this.getInstance();
    // What Node and Express refuse by themselves, they answer without our headers: no Host, and an address that is none.
    this.httpServer = createServer({ ...kindsOf(app), requireHostHeader: false }, (request, response) => {
      const isLost = request.headers.host === undefined && request.httpVersion !== '1.0';
      if (isLost) refuse(response, this.headers);
      else app(request, response, () => refuse(response, this.headers));
    });
    answerUnreadable(this.httpServer, new Connections(this.httpServer), this.headers);
  }

  override reply(response: Response, body: unknown, status?: number): unknown {
    return isAnswer(body) ? sendOnSecondLook(response, body) : super.reply(response, body, status);
  }

  /** @throws Error for what Nest never registers: a handler of every path */
  private know(method: string, path: unknown, handler: unknown): Handler {
    if (typeof path !== 'string' || !isHandler(handler)) throw new Error('a route is a path and its handler');
    if (/^[\w/-]+$/.test(path)) this.known.set(keyOf(method, path), { route: { path }, handler });
    return handler;
  }
}

/**
 * The classes that Node makes requests and answers of. Express gives each of them a prototype of its own, and the engine is slow ever
 * after with objects whose prototype was changed: it costs more than all else that Express does. With these it finds it in place.
 */
function kindsOf(app: Express) {
  class ExpressRequest extends IncomingMessage {}
  class ExpressResponse extends ServerResponse {}
  Object.setPrototypeOf(ExpressRequest.prototype, app.request);
  Object.setPrototypeOf(ExpressResponse.prototype, app.response);
  Object.assign(app, { request: ExpressRequest.prototype, response: ExpressResponse.prototype });
  return { IncomingMessage: ExpressRequest, ServerResponse: ExpressResponse };
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function keyOf(method: string, path: string): string {
  return `${method} ${path}`;
}
