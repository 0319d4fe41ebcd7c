/** What every request passes before its route: its form is read, who is at the door is found out, and mail goes out behind it. */
import { BadRequestException } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { RequestHandler } from 'express';
import { MailAfterAnswerMiddleware } from './mail/mail-after-answer.middleware.js';
import { formBody, jsonBody, longFormBody } from './platform/form-body.js';
import { VisitMiddleware } from './sessions/visit.middleware.js';

export function entrance(app: NestExpressApplication): RequestHandler[] {
  const mail = app.get(MailAfterAnswerMiddleware);
  const visit = app.get(VisitMiddleware);
  return [
    (...passing) => mail.use(...passing),
    readBody,
    (request, response, next) => (isForMachines(addressOf(request.path)) ? next() : visit.use(request, response, next)),
    refuseUnreadable,
  ];
}

/** Percent signs that stand for no text: no route could say what it is asked for. */
const refuseUnreadable: RequestHandler = ({ path }, _, next) => {
  if (path.includes('%')) readable(path);
  next();
};

/** @throws BadRequestException */
function readable(path: string): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw new BadRequestException();
  }
}

const readBody: RequestHandler = (request, response, next) => {
  const address = addressOf(request.path);
  const read = bodies.get(address) ?? (isForMachines(address) ? undefined : formBody);
  return read ? read(request, response, next) : next();
};

const receipts = '/sms/receipts';
const forMachines: ReadonlySet<string> = new Set([receipts, '/health/live', '/health/ready']);
const bodies: ReadonlyMap<string, RequestHandler> = new Map([
  [receipts, jsonBody],
  ['/organization/configuration', longFormBody],
]);

/** Health checks come often and must answer while the database is away, and receipts come from a machine: nobody is looked up. */
function isForMachines(address: string): boolean {
  return forMachines.has(address);
}

/** In whatever spelling the router takes. */
function addressOf(path: string): string {
  return path.toLowerCase().replace(/\/$/, '');
}
