import { Prisma } from '../../src/generated/prisma/client.js';
import { openTestDatabase, type TestDatabase } from '../support/databases.js';

describe('a statement that the embedded database knows by a name', () => {
  let opened: TestDatabase;
  beforeEach(async () => {
    opened = await openTestDatabase();
    await opened.database.$executeRaw`CREATE TABLE things (id text PRIMARY KEY, at timestamptz, is_new boolean, count int, bytes bytea)`;
  });
  afterEach(() => opened.close());

  const add = (id: string) => opened.database.ask(Prisma.sql`INSERT INTO things (id) VALUES (${id}) RETURNING id`);
  const all = () => opened.database.ask(Prisma.sql`SELECT id FROM things ORDER BY id`);

  it('takes values of each type, and gives them back, the first time and later', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z');
    for (const id of ['a', 'ü "quoted" \\ {x,y}', '']) {
      const values = [id, at, true, -7, Uint8Array.of(0, 255, 39)];
      const given = await opened.database.ask(
        Prisma.sql`INSERT INTO things (id, at, is_new, count, bytes) VALUES (${Prisma.join(values)}) RETURNING *`,
      );
      expect(given).toEqual([{ id, at, is_new: true, count: -7, bytes: Uint8Array.of(0, 255, 39) }]);
      const listed = await opened.database.ask(Prisma.sql`SELECT id FROM things WHERE id = ANY(${['b', id]}::text[])`);
      expect(listed).toEqual([{ id }]);
    }
    for (const id of ['n', 'm']) {
      const nothing = await opened.database.ask(
        Prisma.sql`INSERT INTO things (id, at, count) VALUES (${id}, ${null}, ${undefined}) RETURNING *`,
      );
      expect(nothing).toEqual([{ id, at: null, is_new: null, count: null, bytes: null }]);
    }
  });

  it('is as it was after it failed', async () => {
    expect(await add('a')).toEqual([{ id: 'a' }]);
    for (let turn = 0; turn < 2; turn += 1) await expect(add('a')).rejects.toMatchObject({ code: '23505' });
    expect(await add('b')).toEqual([{ id: 'b' }]);
    for (let turn = 0; turn < 2; turn += 1) {
      await expect(opened.database.ask(Prisma.sql`SELECT no_column FROM things`)).rejects.toMatchObject({ code: '42703' });
    }
    expect(await all()).toEqual([{ id: 'a' }, { id: 'b' }]);
  });

  it('waits for the transaction that is open, and is no part of it', async () => {
    await all();
    let meanwhile: Promise<unknown> | undefined;
    const undone = opened.database.$transaction(async (transaction) => {
      await transaction.$executeRaw`INSERT INTO things (id) VALUES ('a')`;
      meanwhile = Promise.all([add('b'), all()]);
      await transaction.$executeRaw`INSERT INTO things (id) VALUES ('c')`;
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await meanwhile).toEqual([[{ id: 'b' }], [{ id: 'b' }]]);
  });

  it('is planned anew as its table grows: the plan for an empty one reads all of it', async () => {
    await opened.database.$executeRaw`ALTER TABLE things ADD other text UNIQUE, ADD filler char(400)`;
    const find = async (times: number) => {
      for (let turn = 0; turn < times; turn += 1) {
        const found = await opened.database.ask(Prisma.sql`SELECT id FROM things WHERE id = ${'here'} OR other = ${'nowhere'}`);
        expect(found).toEqual([{ id: 'here' }]);
      }
      const [named] = await opened.database.$queryRaw<{ name: string }[]>`
        SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT id FROM things WHERE%'`;
      return JSON.stringify(await opened.database.$queryRawUnsafe(`EXPLAIN EXECUTE ${named?.name}('here', 'nowhere')`));
    };
    await add('here');
    expect(await find(10)).toContain('Seq Scan');
    await opened.database.$executeRaw`INSERT INTO things (id, other) SELECT n, n FROM generate_series(1, 20000) AS n`;
    expect(await find(10)).toContain('Seq Scan');
    expect(await find(500)).not.toContain('Seq Scan');
  });

  it('is refused once the database is closed', async () => {
    const { database, close } = await openTestDatabase();
    const ask = () => database.ask(Prisma.sql`SELECT 1 AS one`);
    expect(await ask()).toEqual([{ one: 1 }]);
    await close();
    await expect(ask()).rejects.toThrow(/closed/);
  });
});
