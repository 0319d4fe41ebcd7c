/** What a handler answers: a page or a redirect, returned as a value and sent in one place. */
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import { mergeMap, type Observable } from 'rxjs';

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

export type Answer = Page | Redirect;

/** Sends an answer; the layout's own values come from `response.locals`. */
export function send(response: Response, answer: Answer): Promise<void> {
  if (answer instanceof Redirect) {
    response.redirect(303, answer.to);
    return Promise.resolve();
  }
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

@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response>();
    return next.handle().pipe(
      mergeMap(async (answer) => {
        if (answer instanceof Page || answer instanceof Redirect) {
          await send(response, answer);
          return undefined;
        }
        return answer;
      }),
    );
  }
}
