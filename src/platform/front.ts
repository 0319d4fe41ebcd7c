/**
 * Express, as Nest sees it, with two things of our own: a table in front of its router, which tries the pattern of one route after
 * the other, and answers that are sent as the values that handlers return.
 */
import { ExpressAdapter } from '@nestjs/platform-express';
import type { Request, RequestHandler, Response } from 'express';
import { isAnswer, sendOnSecondLook } from './answer.js';

type Handler = (request: Request, response: Response, next?: unknown) => unknown;
type Known = { readonly route: { readonly path: string }; readonly handler: Handler };

export class Front extends ExpressAdapter {
  private readonly known = new Map<string, Known>();

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

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

function keyOf(method: string, path: string): string {
  return `${method} ${path}`;
}
