/** What a handler answers: a page or a redirect, returned as a value and sent in one place. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { mergeMap, type Observable } from 'rxjs';
import { errorCode } from './error-code.js';

export class Page<Model extends object = object> {
  /**
   * @param template the path below views/ without its ending
   * @param retryAfterSeconds sent as Retry-After with 429 and 503
   */
  constructor(
    readonly template: string,
    readonly model: Model,
    readonly status: number = 200,
    readonly retryAfterSeconds?: number,
  ) {}
}

/** 303: the form was accepted, or the page is elsewhere. */
export class Redirect {
  constructor(readonly to: string) {}
}

/** A file, sent as it is made: no more of it is in memory than was not sent yet. */
export class Download {
  constructor(
    readonly filename: string,
    readonly contentType: string,
    readonly chunks: AsyncIterable<string>,
  ) {}
}

export type Answer = Page | Redirect | Download;

/** Sends an answer; the layout's own values come from `response.locals`. */
export function send(response: Response, answer: Answer): Promise<void> {
  if (answer instanceof Redirect) {
    response.redirect(303, answer.to);
    return Promise.resolve();
  }
  if (answer instanceof Download) return sendFile(response, answer);
  response.status(answer.status);
  if (answer.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(answer.retryAfterSeconds));
  return new Promise((resolve, reject) => {
    response.render(answer.template, { page: answer.model }, (error: Error | null, html?: string) => {
      if (error) return reject(error);
      response.type('html').send(html);
      resolve();
    });
  });
}

/** What breaks in the middle breaks the connection: half a file must not look like a whole one. */
async function sendFile(response: Response, { filename, contentType, chunks }: Download): Promise<void> {
  response.status(200).setHeader('Content-Type', contentType);
  response.setHeader('Content-Disposition', `attachment; filename="${filename}"`);
  try {
    // One chunk ahead, and no more while the browser is not ready for it.
    await pipeline(Readable.from(chunks, { highWaterMark: 1 }), response);
  } catch (error) {
    // A browser that went away is no fault of ours.
    if (errorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      mergeMap(async (answer) => {
        if (answer instanceof Page || answer instanceof Redirect || answer instanceof Download) {
          await send(response, answer);
          return undefined;
        }
        return answer;
      }),
    );
  }
}
