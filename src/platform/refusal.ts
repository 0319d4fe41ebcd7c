/** A request that is refused with an error page, thrown from guards and services and turned into a page in one filter. */
import type { Answer } from './answer.js';

export type RefusalPage = {
  readonly status: number;
  readonly title: string;
  readonly message: string;
  readonly hint?: string;
  readonly link?: { readonly href: string; readonly text: string };
  readonly retryAfterSeconds?: number;
};

export class Refusal extends Error {
  readonly code = 'REFUSED';
  constructor(readonly page: RefusalPage) {
    super(page.message);
  }
}

/** Thrown by a guard that knows the answer already, such as the page of another stage. */
export class AnswerInstead extends Error {
  readonly code = 'ANSWERED';
  constructor(readonly answer: Answer) {
    super('answered by a guard');
  }
}
