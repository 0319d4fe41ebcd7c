import { MessageChannel } from 'node:worker_threads';
import { DriverAdapterError, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import { isDatabaseAway, isPerhapsDone } from './database-away.js';
import { inTime, patience, withPatience } from './database-patience.js';

const query = { sql: 'SELECT 1', args: [], argTypes: [] };
const refused = new DriverAdapterError({ kind: 'UniqueConstraintViolation' });

/** A database that does with its next questions as it is told, and counts them. */
class Faulty {
  asked = 0;
  next: 'hang' | 'refuse' | 'answer' = 'hang';
  readonly adapter = withPatience(this as unknown as SqlDriverAdapter);
  queryRaw(): Promise<unknown> {
    this.asked += 1;
    if (this.next === 'refuse') return Promise.reject(refused);
    return this.next === 'answer' ? Promise.resolve('answered') : new Promise(() => undefined);
  }
  executeRaw(): Promise<unknown> {
    return this.queryRaw();
  }
  startTransaction(): Promise<unknown> {
    return Promise.resolve({
      queryRaw: () => this.queryRaw(),
      executeRaw: () => this.queryRaw(),
      rollback: () => Promise.resolve('given back'),
    });
  }
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => [isDatabaseAway(error), isPerhapsDone(error)],
  );

it('that could not be connected to in time has done nothing, unlike one whose connection broke', () => {
  const broken = new Error('Connection terminated unexpectedly');
  const never = new Error('Connection terminated due to connection timeout', { cause: broken });
  expect([never, broken].map((error) => [isDatabaseAway(error), isPerhapsDone(error)])).toEqual([
    [true, false],
    [true, true],
  ]);
});

afterEach(() => jest.restoreAllMocks());

it('that has answered while this process was busy has answered in time', async () => {
  const { port1, port2 } = new MessageChannel();
  jest.replaceProperty(patience, 'question', 1);
  const answered = new Promise((resolve) => port2.once('message', resolve));
  // From here the next that the event loop looks at are timers.
  await new Promise((resolve) => setImmediate(resolve));
  const asked = inTime(() => answered);
  port1.postMessage('an answer');
  const start = performance.now();
  while (performance.now() < start + 10);
  expect(await asked).toBe('an answer');
  port1.close();
});

describe('a database that hangs', () => {
  let database: Faulty;
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    database = new Faulty();
  });
  afterEach(() => jest.useRealTimers());

  it('is waited for so long, and what was asked may be done yet', async () => {
    const failures = [failureOf(database.adapter.queryRaw(query)), failureOf(database.adapter.executeRaw(query))];
    await jest.advanceTimersByTimeAsync(patience.question);
    expect(await Promise.all(failures)).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  it('is asked nothing more in that transaction, which is certainly not done and gives its connection back', async () => {
    const transaction = await database.adapter.startTransaction();
    const first = failureOf(transaction.executeRaw(query));
    await jest.advanceTimersByTimeAsync(patience.question);
    expect(await first).toEqual([true, true]);
    database.next = 'answer';
    expect(await failureOf(transaction.executeRaw({ ...query, sql: 'ROLLBACK' }))).toEqual([true, false]);
    expect(database.asked).toBe(1);
    expect(await transaction.rollback()).toBe('given back');
  });

  it('is told from one that refuses a statement, after which the transaction is rolled back as ever', async () => {
    const transaction = await database.adapter.startTransaction();
    database.next = 'refuse';
    expect(await failureOf(transaction.executeRaw(query))).toEqual([false, false]);
    database.next = 'answer';
    expect(await failureOf(transaction.executeRaw({ ...query, sql: 'ROLLBACK' }))).toBeUndefined();
    expect(jest.getTimerCount()).toBe(0);
  });
});
