/**
 * A database that hangs is waited for once. A question ends after so long, whether it waited for a connection or for its answer;
 * and a transaction in which one found no answer is asked nothing more: its ROLLBACK would wait as long again.
 */
import { DriverAdapterError, type SqlDriverAdapter, type SqlQueryable, type Transaction } from '@prisma/driver-adapter-utils';
import { isPerhapsDone } from './database-away.js';

type Patience = { readonly question: number; readonly connection: number; readonly answer: number; readonly beginning: number };

/**
 * Milliseconds. By default pg waits for ever, both to connect and for an answer.
 * @property question one question, with the wait for a connection
 * @property connection that wait alone
 * @property answer until pg gives one up: behind the question, of which nobody waits for the answer by then
 * @property beginning of a transaction
 */
export const patience: Patience = { question: 2_500, connection: 2_000, answer: 3_000, beginning: 2_000 };

type Question<Answer> = () => Promise<Answer>;
type Ask = <Answer>(question: Question<Answer>) => Promise<Answer>;

/** An adapter whose questions end in time. To begin a transaction, Prisma itself waits no longer than it may. */
export function withPatience<Adapter extends SqlDriverAdapter>(adapter: Adapter): Adapter {
  return asking(adapter, inTime, {
    startTransaction: async (...given: Parameters<Adapter['startTransaction']>) => inOneGo(await adapter.startTransaction(...given)),
  });
}

/** Its commit and rollback only give the connection back, which the server adapter closes when it is not idle. */
function inOneGo(transaction: Transaction): Transaction {
  let isLost = false;
  return asking(transaction, async (question) => {
    if (isLost) throw notAsked();
    try {
      return await inTime(question);
    } catch (error) {
      isLost = isPerhapsDone(error);
      throw error;
    }
  });
}

function asking<Asked extends SqlQueryable>(asked: Asked, ask: Ask, others: Readonly<Record<string, unknown>> = {}): Asked {
  const ways: Readonly<Record<string | symbol, unknown>> = {
    queryRaw: (query: Parameters<Asked['queryRaw']>[0]) => ask(() => asked.queryRaw(query)),
    executeRaw: (query: Parameters<Asked['executeRaw']>[0]) => ask(() => asked.executeRaw(query)),
    ...others,
  };
  return new Proxy(asked, {
    get: (target, name) => {
      if (name in ways) return ways[name];
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** @throws DriverAdapterError when no answer came in time */
export async function inTime<Answer>(question: Question<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    // A process that was busy itself finds its timers over before it reads what has come meanwhile: that is read first.
    timer = setTimeout(() => setImmediate(() => reject(noAnswer())), patience.question);
  });
  try {
    return await Promise.race([question(), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** It may be done yet: what was asked is on its way, or in a connection that somebody reads later. */
function noAnswer(): DriverAdapterError {
  return new DriverAdapterError({ kind: 'SocketTimeout' });
}

function notAsked(): DriverAdapterError {
  return new DriverAdapterError({ kind: 'DatabaseNotReachable' });
}
