import { openTestDatabase } from '../support/databases.js';

describe('the embedded database', () => {
  it('tells of a commit that failed, and keeps nothing of it', async () => {
    const { database, close } = await openTestDatabase();
    await database.$executeRaw`CREATE TABLE once (word text UNIQUE DEFERRABLE INITIALLY DEFERRED)`;
    const twice = database.$transaction(async (transaction) => {
      await transaction.$executeRaw`INSERT INTO once VALUES ('a')`;
      // Judged by the commit alone.
      await transaction.$executeRaw`INSERT INTO once VALUES ('a')`;
    });
    await expect(twice).rejects.toThrow(/unique/i);
    expect(await database.$queryRaw`SELECT count(*)::int AS count FROM once`).toEqual([{ count: 0 }]);
    await close();
  });
});
