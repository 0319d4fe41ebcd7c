import { PasswordGuessing } from '../../src/auth/password-guessing.service.js';
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addOrganization, addPerson, password } from '../support/people.js';

describe('guessing passwords', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor({ environment: { TRUST_PROXY: '1' } });
    await addAcme(door);
  });
  afterEach(() => door.close());

  const from = (address: string) => door.browser({ 'x-forwarded-for': address });
  const guess = async (address: string, username = 'olga') => (await from(address).signIn(username, 'wrong password')).status;
  const guesses = async (count: number, address: string, username = 'olga') => {
    const statuses = [];
    for (let index = 0; index < count; index += 1) statuses.push(await guess(address, username));
    return statuses;
  };

  it('has five free tries by username and address, then waits that double', async () => {
    expect(await guesses(6, '192.0.2.1')).toEqual([401, 401, 401, 401, 401, 429]);
    const refused = await from('192.0.2.1').signIn('OLGA', password);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(refused.alert).toMatch(/30 seconds/);
    door.clock.turn(seconds(30));
    expect(await guesses(2, '192.0.2.1')).toEqual([401, 429]);
    door.clock.turn(seconds(59));
    expect(await guess('192.0.2.1')).toBe(429);
    door.clock.turn(seconds(1));
    expect((await from('192.0.2.1').signIn('olga', password)).signedInAs).toBe('olga');
    expect(await guesses(5, '192.0.2.1')).toEqual([401, 401, 401, 401, 401]);
  });

  it('counts names that do not exist in the same way', async () => {
    expect(await guesses(6, '192.0.2.1', 'nobody')).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('leaves the member alone at another address, and slows a name down by a minute at most', async () => {
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) await guesses(5, address);
    const refused = await from('192.0.2.9').signIn('olga', password);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    door.clock.turn(seconds(60));
    expect((await from('192.0.2.9').signIn('olga', password)).signedInAs).toBe('olga');
  });

  it('takes ten wrong ones a minute from one address, over all names, and an IPv6 network counts as one', async () => {
    const statuses = [];
    for (let index = 0; index < 11; index += 1) statuses.push(await guess(`2001:db8::${index}`, `name${index}`));
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await from('2001:db8::ffff').signIn('olga', password)).status).toBe(429);
    expect((await from('2001:db8:0:1::1').signIn('olga', password)).signedInAs).toBe('olga');
    door.clock.turn(minutes(1));
    expect((await from('2001:db8::ffff').signIn('adam', password)).signedInAs).toBe('adam');
  });

  it('does not let parallel posts get more tries than there are', async () => {
    const browser = from('192.0.2.1');
    const page = await browser.get('/login');
    const statuses = await Promise.all(
      Array.from(
        { length: 30 },
        async () => (await browser.clone().submit(page, 'password', { username: 'olga', password: 'wrong password' })).status,
      ),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(25);
  });

  it('lets people in who sign in with right passwords at the same moment from one address', async () => {
    const organizationId = await addOrganization(door, 'Office');
    const names = Array.from({ length: 25 }, (_, index) => `person${index}`);
    for (const username of names) await addPerson(door, { organizationId, username });
    const pages = await Promise.all(names.map((username) => from('192.0.2.1').signIn(username, password)));
    expect(pages.map(({ signedInAs }) => signedInAs)).toEqual(names);
    const screens = names.slice(0, 9);
    const pagesOfOne = await Promise.all(screens.map(() => from('192.0.2.2').signIn('olga', password)));
    expect(pagesOfOne.map(({ signedInAs }) => signedInAs)).toEqual(screens.map(() => 'olga'));
    expect(await door.database.passwordTries.count({ where: { OR: [{ failed: { gt: 0 } }, { pending: { gt: 0 } }] } })).toBe(0);
  });

  it('counts neither a right password nor a refused try', async () => {
    for (let index = 0; index < 15; index += 1) expect((await from('192.0.2.1').signIn('olga', password)).signedInAs).toBe('olga');
    expect(await guesses(8, '192.0.2.1')).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    door.clock.turn(seconds(30));
    expect(await guess('192.0.2.1')).toBe(401);
    door.clock.turn(hours(25));
    expect(await guesses(5, '192.0.2.1')).toEqual([401, 401, 401, 401, 401]);
  });

  it('is forgotten when the operator unlocks the name', async () => {
    await guesses(6, '192.0.2.1');
    await door.app.get(PasswordGuessing).forget('Olga');
    expect((await from('192.0.2.1').signIn('olga', password)).signedInAs).toBe('olga');
  });
});
