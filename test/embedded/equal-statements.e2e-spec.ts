import { PGlite } from '@electric-sql/pglite';
import { EmbeddedDriver } from '../../src/platform/embedded-driver.js';
import { type Door, openDoor } from '../support/door.js';
import { closeToUnknown } from '../support/guessing.js';
import { addAcme } from '../support/people.js';

describe('a refused sign-in', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
    await addAcme(door);
  });
  afterAll(() => door.close());

  /** What the post of wrong credentials asks the database; what is put in order meanwhile, or swept, is left out. */
  const statementsOf = async (username: string) => {
    const browser = door.browser();
    const page = await browser.get('/login');
    const query = jest.spyOn(PGlite.prototype, 'query');
    const ask = jest.spyOn(EmbeddedDriver.prototype, 'ask');
    const { status } = await browser.submit(page, 'password', { username, password: 'wrong password' });
    const asked = [...query.mock.calls.map(([sql]) => sql), ...ask.mock.calls.map(([{ text }]) => text)];
    const statements = asked.filter((sql) => /password_tries|users|known_devices|INSERT/.test(sql));
    jest.restoreAllMocks();
    return { status, statements };
  };

  it('takes the same statements for a name that nobody has, before and after it is closed to unknown browsers', async () => {
    const seen = [];
    for (const name of ['olga', 'nobody']) {
      const open = await statementsOf(name);
      await closeToUnknown(door, name);
      seen.push([open, await statementsOf(name)]);
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[0]?.map(({ status }) => status)).toEqual([401, 403]);
    for (const { statements } of seen.flat()) expect(statements.length).toBeGreaterThan(3);
  });
});
