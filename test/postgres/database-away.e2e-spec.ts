import { isDatabaseAway, openServer, type OpenedDatabase } from '../../src/platform/database.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';

let server: PostgresServer;
let opened: OpenedDatabase;

beforeAll(async () => {
  server = await startPostgres();
  opened = openServer(server.url);
  await opened.database.$executeRaw`CREATE TABLE kept (word text)`;
});
afterAll(async () => {
  await opened.close();
  await server.stop();
});
afterEach(() => server.signal('SIGCONT'));

const read = (): Promise<unknown> => opened.database.$queryRaw`SELECT count(*)::int AS count FROM kept`;
const write = (word: string): Promise<unknown> => opened.database.$transaction((tx) => tx.$executeRaw`INSERT INTO kept VALUES (${word})`);

async function failure(work: () => Promise<unknown>): Promise<unknown> {
  return work().then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a PostgreSQL server that is away', () => {
  it('is told from a mistake in a statement', async () => {
    expect(isDatabaseAway(await failure(() => opened.database.$queryRaw`SELECT nonsense`))).toBe(false);
    expect(isDatabaseAway(await failure(() => openServer(server.url.replace('/postgres', '/nowhere')).database.$queryRaw`SELECT 1`))).toBe(
      false,
    );
  });

  it('is recognised while it hangs, within seconds, and answers again afterwards', async () => {
    await read();
    server.signal('SIGSTOP');
    const failures = await Promise.all([
      failure(read),
      failure(() => write('hung')),
      failure(() => openServer(server.url).database.$queryRaw`SELECT 1`),
    ]);
    server.signal('SIGCONT');
    expect(failures.map(isDatabaseAway)).toEqual([true, true, true]);
    expect(await failure(read)).toBeUndefined();
  }, 20_000);

  it('loses nothing that was acknowledged after it hung in the middle of a transaction', async () => {
    const inTheMiddle = await failure(() =>
      opened.database.$transaction(async (tx) => {
        await tx.$executeRaw`INSERT INTO kept VALUES ('half')`;
        server.signal('SIGSTOP');
        await tx.$executeRaw`INSERT INTO kept VALUES ('other half')`;
      }),
    );
    server.signal('SIGCONT');
    expect(isDatabaseAway(inTheMiddle)).toBe(true);
    for (let turn = 0; turn < 20; turn += 1) await opened.database.$executeRaw`INSERT INTO kept VALUES ('acknowledged')`;
    const second = openServer(server.url);
    const rows = await second.database.$queryRaw<{ word: string; count: number }[]>`
      SELECT word, count(*)::int AS count FROM kept WHERE word <> 'hung' GROUP BY word`;
    await second.close();
    expect(rows).toEqual([{ word: 'acknowledged', count: 20 }]);
  }, 30_000);

  it('is recognised when a statement takes too long', async () => {
    expect(isDatabaseAway(await failure(() => opened.database.$queryRaw`SELECT 1 AS one FROM pg_sleep(10)`))).toBe(true);
  });

  it('is recognised when it ends a session, and when it is stopped', async () => {
    const ended = failure(() => opened.database.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`);
    expect(isDatabaseAway(await ended)).toBe(true);
    expect(await failure(read)).toBeUndefined();
    await server.stop();
    const failures = [await failure(read), await failure(read), await failure(() => write('stopped'))];
    expect(failures.map(isDatabaseAway)).toEqual([true, true, true]);
  });
});
