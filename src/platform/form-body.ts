/**
 * The one body that forms send: flat, small, urlencoded (OWASP ASVS 5.0, 15.3.5 to 15.3.7). A body that cannot be
 * read is remembered, not thrown, so that its error page still shows who is signed in.
 */
import express, { type NextFunction, type Request, type Response } from 'express';
import { Attachment } from './attachment.js';

const errors = new Attachment<Error>();

export const formBody = formBodyOf(50);
/** For a form with a checkbox for every country. */
export const longFormBody = formBodyOf(300);

function formBodyOf(mostFields: number) {
  const parser = express.urlencoded({ extended: false, inflate: false, limit: '16kb', parameterLimit: mostFields });
  return (request: Request, response: Response, next: NextFunction): void => {
    parser(request, response, (error?: unknown) => {
      if (error instanceof Error) errors.set(request, error);
      next();
    });
  };
}

/** For the one address that takes JSON: a provider's receipts. */
export const jsonBody = express.json({ inflate: false, limit: '16kb' });

/** @throws what the body parser found wrong: too large, too many fields, a character set that it does not know */
export function throwBodyError(request: Request): void {
  const error = errors.get(request);
  if (error) throw error;
}
