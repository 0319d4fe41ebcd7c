import { Prisma } from '../../src/generated/prisma/client.js';
import { type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { readMigrations } from '../../src/platform/migrations.js';
import { createTestDatabase, dropTestDatabase } from '../support/databases.js';

describe('on a server in another time zone', () => {
  let url: string;
  let opened: OpenedDatabase;
  beforeEach(async () => {
    url = await createTestDatabase();
    const first = openServer(url);
    await first.database.$executeRawUnsafe(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET TimeZone = 'America/New_York'`);
    await first.close();
    opened = openServer(url);
  });
  afterEach(async () => {
    await opened.close();
    await dropTestDatabase(url);
  });

  const organization = { slug: 'acme', name: 'Acme', smsCountries: ['NL'] };
  const whenCreated = Prisma.sql`SELECT created_at AS at FROM organizations`;

  it('an instant is the same one to Prisma, to the driver and to SQL', async () => {
    const { database } = opened;
    const createdAt = new Date('2026-07-01T12:34:56.789Z');
    await database.organization.create({ data: { ...organization, createdAt } });
    expect(await database.organization.findFirstOrThrow()).toMatchObject({ createdAt });
    expect(await database.ask(whenCreated)).toEqual([{ at: createdAt }]);
    expect(await database.$transaction((transaction) => transaction.$queryRaw(whenCreated))).toEqual([{ at: createdAt }]);
    expect(await database.$queryRaw`SELECT extract(epoch FROM created_at)::float8 AS at FROM organizations`).toEqual([
      { at: createdAt.getTime() / 1_000 },
    ]);
    expect(await database.ask(Prisma.sql`SELECT 1 AS found FROM organizations WHERE created_at = ${createdAt}::timestamptz`)).toHaveLength(
      1,
    );
  });

  it('what was written as local time before is put right, once', async () => {
    const connection = await opened.connectForMigrations();
    // As Prisma sends an instant.
    await connection.adapter.executeScript(`
      INSERT INTO organizations (id, slug, name, created_at)
      VALUES (gen_random_uuid(), 'acme', 'Acme', '2026-07-01 12:34:56.789'), (gen_random_uuid(), 'bolt', 'Bolt', '2026-12-01 23:00:00')`);
    const script = readMigrations().find(({ name }) => name.endsWith('_instants_in_utc'))?.script ?? '';
    await connection.adapter.executeScript(script);
    await connection.close();
    expect(await opened.database.organization.findMany({ orderBy: { slug: 'asc' } })).toMatchObject([
      { createdAt: new Date('2026-07-01T12:34:56.789Z'), twoFactorFrom: null },
      { createdAt: new Date('2026-12-01T23:00:00Z') },
    ]);
  });
});
