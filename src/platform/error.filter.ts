/** The last resort: every error becomes a page that says what to do, and nothing of what went wrong inside. */
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Page, send } from './answer.js';
import { addressOf } from './client-address.js';
import { isDatabaseAway } from './database.js';
import { GateFullError } from './gate.js';
import { Log } from './log.js';
import { AnswerInstead, Refusal, type RefusalPage } from './refusal.js';
import { wait } from './wording.js';

/** What Express and its parsers throw when the request is at fault. */
const requestError = z.object({ expose: z.literal(true), status: z.number().int().min(400).max(499) });

/** Not found, or forbidden by a controller that has said why in the log. */
const toldElsewhere: readonly number[] = [403, 404];

@Catch()
@Injectable()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(Log) private readonly log: Log) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const response = host.switchToHttp().getResponse<Response>();
    if (response.headersSent) return void response.end();
    if (error instanceof AnswerInstead) return send(response, error.answer);
    const page = this.pageFor(error, addressOf(host.switchToHttp().getRequest<Request>()));
    try {
      await send(response, errorPage(page));
    } catch (failed) {
      this.log.error('the error page failed', failed);
      if (!response.headersSent) response.status(500).type('text/plain').send('Something went wrong. Try again.');
    }
  }

  private pageFor(error: unknown, address: string): RefusalPage {
    if (error instanceof Refusal) return error.page;
    if (error instanceof GateFullError) return this.busy(error, address);
    if (error instanceof HttpException) return this.refusalOf(error.getStatus(), address);
    const request = requestError.safeParse(error);
    if (request.success) return this.refusalOf(request.data.status, address);
    this.log.error('request failed', error);
    return isDatabaseAway(error) ? databaseAway : broken;
  }

  /** No form of ours sends what these are for, so somebody tries something; but a wrong address is everybody's. */
  private refusalOf(status: number, address: string): RefusalPage {
    if (!toldElsewhere.includes(status)) this.log.security('malformed request refused', { address, status });
    return refusalOfStatus(status);
  }

  private busy({ retryAfterSeconds }: GateFullError, address: string): RefusalPage {
    this.log.security('too much at once refused', { address });
    return busy(retryAfterSeconds);
  }
}

function errorPage({ retryAfterSeconds, ...page }: RefusalPage): Page {
  const retryAfterText = retryAfterSeconds === undefined ? undefined : wait(retryAfterSeconds);
  return new Page('errors/error', { ...page, retryAfterText }, page.status, retryAfterSeconds);
}

function refusalOfStatus(status: number): RefusalPage {
  const link = { href: '/', text: 'Go to the home page' };
  if (status === 404) return { status, title: 'There is no such page', message: 'The address is wrong, or what it showed is gone.', link };
  if (status === 413) return { status, title: 'That was too much', message: 'The form held more than this page takes. Nothing was done.' };
  if (status === 415) return { status, title: 'This cannot be read', message: 'Only forms can be sent here. Nothing was done.' };
  return { status, title: 'This cannot be done', message: 'The request is not one that this page takes. Nothing was done.', link };
}

function busy(retryAfterSeconds: number): RefusalPage {
  return {
    status: 503,
    title: 'Too much is going on at once',
    message: 'Nothing was done, and no try was counted.',
    hint: 'Go back and send the form again in a moment.',
    retryAfterSeconds,
  };
}

const databaseAway: RefusalPage = {
  status: 503,
  title: 'Gatehouse cannot reach its database',
  message: 'Nothing is lost, and nobody was let in or signed out by this.',
  hint: 'Try again in a moment.',
  retryAfterSeconds: 5,
};

const broken: RefusalPage = {
  status: 500,
  title: 'Something went wrong',
  message: 'The error is on our side and has been logged.',
  hint: 'Try again. If it stays, tell the people who run this Gatehouse.',
};
