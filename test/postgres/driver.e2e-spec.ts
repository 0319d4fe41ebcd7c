import { Prisma } from '../../src/generated/prisma/client.js';
import { type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { createEmptyDatabase, dropTestDatabase } from '../support/databases.js';

describe('what is asked of the driver itself', () => {
  let url: string;
  let opened: OpenedDatabase[];
  beforeEach(async () => {
    url = await createEmptyDatabase();
    opened = [openServer(url), openServer(url)];
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await dropTestDatabase(url);
  });

  it('is answered also when a migration has changed the types of what was planned', async () => {
    const [{ database }] = opened as [OpenedDatabase];
    await database.$executeRaw`CREATE TABLE things (value int)`;
    await database.$executeRaw`INSERT INTO things VALUES (7)`;
    const statement = Prisma.sql`SELECT value FROM things`;
    expect(await database.ask(statement)).toEqual([{ value: 7 }]);
    await database.$executeRaw`ALTER TABLE things ALTER value TYPE text`;
    expect(await database.ask(statement)).toEqual([{ value: '7' }]);
  });

  it('has one name for one statement, whichever process asks and in whatever order', async () => {
    const names = Prisma.sql`SELECT name FROM pg_prepared_statements WHERE statement LIKE '%AS one' ORDER BY name`;
    const [one, two] = [Prisma.sql`SELECT 1 AS one`, Prisma.sql`SELECT 2 AS one`];
    const namesAfter = async ({ database }: OpenedDatabase, statements: Prisma.Sql[]) => {
      for (const statement of statements) await database.ask(statement);
      return database.ask(names);
    };
    const [first, second] = opened as [OpenedDatabase, OpenedDatabase];
    const found = await namesAfter(first, [one, two]);
    expect(found).toHaveLength(2);
    expect(await namesAfter(second, [two, one])).toEqual(found);
  });
});
