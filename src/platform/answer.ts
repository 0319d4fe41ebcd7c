/** What a handler answers: a page or a redirect, returned as a value and sent in one place. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { Attachment } from './attachment.js';
import { errorCode } from './error-code.js';
import { render } from './views.js';

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

export function isAnswer(value: unknown): value is Answer {
  return value instanceof Page || value instanceof Redirect || value instanceof Download;
}

/** Sends an answer; the layout's own values come from `response.locals`. */
export async function send(response: Response, answer: Answer): Promise<void> {
  if (answer instanceof Redirect) return response.redirect(303, answer.to);
  if (answer instanceof Download) return sendFile(response, answer);
  sendPage(response, answer);
}

type SecondLook = (answer: Answer) => Promise<Answer>;

const secondLooks = new Attachment<SecondLook>();

/** Has what the handler answers looked at once more before it is sent: `look` may put another answer in its place. */
export function lookOnceMore(response: Response, look: SecondLook): void {
  secondLooks.set(response, look);
}

export async function sendOnSecondLook(response: Response, answer: Answer): Promise<void> {
  const look = secondLooks.get(response);
  return send(response, look ? await look(answer) : answer);
}

/** As bytes: text that was put together of many pieces stays in memory, with all of them, when it is written as it is. */
function sendPage(response: Response, { template, model, status, retryAfterSeconds }: Page): void {
  const layout: unknown = response.locals['layout'];
  const html = Buffer.from(render(template, { layout, page: model }));
  response.status(status).setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Length', html.length);
  if (retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(retryAfterSeconds));
  response.end(html);
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
