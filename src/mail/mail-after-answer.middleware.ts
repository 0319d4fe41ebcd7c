/**
 * Mail that a request queued is sent as soon as its answer is: nobody waits for a mail server, and nobody has to start it. A
 * count that grew is enough to know by: one look too many is cheap, and following each request through all that it awaits is not.
 */
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { MailDelivery } from './mail-delivery.service.js';
import { Mail } from './mail.service.js';

@Injectable()
export class MailAfterAnswerMiddleware implements NestMiddleware {
  constructor(
    @Inject(Mail) private readonly mail: Mail,
    @Inject(MailDelivery) private readonly delivery: MailDelivery,
  ) {}

  use(_: Request, response: Response, next: NextFunction): void {
    const before = this.mail.queuedSoFar;
    // A visitor who left early closes the response before the commit: then the timer finds the mail.
    response.once('close', () => {
      if (this.mail.queuedSoFar !== before) void this.delivery.deliverDue();
    });
    next();
  }
}
