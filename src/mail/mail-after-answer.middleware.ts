/** Mail that a request queued is sent as soon as its answer is: nobody waits for a mail server, and nobody has to start it. */
import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { MailDelivery } from './mail-delivery.service.js';
import { MailOfRequest } from './mail-of-request.js';

@Injectable()
export class MailAfterAnswerMiddleware implements NestMiddleware {
  constructor(
    @Inject(MailOfRequest) private readonly ofRequest: MailOfRequest,
    @Inject(MailDelivery) private readonly delivery: MailDelivery,
  ) {}

  use(_: Request, response: Response, next: NextFunction): void {
    const hasQueued = this.ofRequest.watch(() => {
      next();
    });
    // A visitor who left early closes the response before the commit: then the timer finds the mail.
    response.once('close', () => {
      if (hasQueued()) void this.delivery.deliverDue();
    });
  }
}
