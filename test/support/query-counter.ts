/** What a request asks of the server: every statement, and BEGIN and COMMIT too, since each of them is a way there and back. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Server, ServerResponse } from 'node:http';
import { Client, Pool } from 'pg';
import type { Door } from './door.js';

type Count = { asked: number; untilAnswered: number | undefined };
type Query = (...given: unknown[]) => unknown;

const counts = new AsyncLocalStorage<Count>();

/** Of whatever this test file's door asks, from now on. */
export class QueryCounter {
  private latest: Count = { asked: 0, untilAnswered: undefined };

  constructor(door: Door) {
    const server: Server = door.app.getHttpServer();
    server.prependListener('request', (_, response: ServerResponse) => {
      const count: Count = { asked: 0, untilAnswered: undefined };
      this.latest = count;
      // What is done behind the answer keeps nobody waiting.
      response.once('finish', () => (count.untilAnswered = count.asked));
      counts.enterWith(count);
    });
    // The pool gives its own query to a client with a callback: that is one.
    countCalls(Pool.prototype, () => true);
    // Nor is what a new connection says of itself any request's.
    countCalls(Client.prototype, ([asked, ...others]) => typeof others.at(-1) !== 'function' && !String(asked).includes('SET TIME ZONE'));
  }

  /** @returns what one request asked until it was answered, with what was answered */
  async of<Answer>(request: () => Promise<Answer>): Promise<{ readonly answer: Answer; readonly queries: number }> {
    const answer = await request();
    const { untilAnswered, asked } = this.latest;
    return { answer, queries: untilAnswered ?? asked };
  }
}

function countCalls(prototype: object, isCounted: (given: readonly unknown[]) => boolean): void {
  const query = Reflect.get(prototype, 'query') as Query;
  Reflect.set(prototype, 'query', function counted(this: unknown, ...given: unknown[]): unknown {
    const count = counts.getStore();
    if (count && isCounted(given)) count.asked += 1;
    return query.apply(this, given);
  });
}
