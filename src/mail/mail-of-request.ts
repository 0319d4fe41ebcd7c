/** Whether the request under way queued mail: known without a word from the code in between. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';

type Request = { hasQueued: boolean };

@Injectable()
export class MailOfRequest {
  private readonly requests = new AsyncLocalStorage<Request>();

  /** @returns tells whether mail was queued by what `work` began */
  watch(work: () => void): () => boolean {
    const request = { hasQueued: false };
    this.requests.run(request, work);
    return () => request.hasQueued;
  }

  /** Outside of a request there is nobody to tell: the timer finds what a command queued. */
  note(): void {
    const request = this.requests.getStore();
    if (request) request.hasQueued = true;
  }
}
