import bcrypt from 'bcrypt';
import { costOf } from '../../src/users/password-hash.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, password } from '../support/people.js';

describe('a refused sign-in', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor({ environment: { BCRYPT_COST: '10' } });
    await addAcme(door);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await door.close();
  });

  /** The bcrypt rounds that one sign-in takes. */
  const roundsOf = async (username: string, typed: string) => {
    const compare = jest.spyOn(bcrypt, 'compare');
    const hash = jest.spyOn(bcrypt, 'hash');
    expect((await door.browser().signIn(username, typed)).status).toBe(401);
    const rounds = compare.mock.calls.reduce((sum, [, stored]) => sum + 2 ** costOf(stored), 0);
    expect(hash).not.toHaveBeenCalled();
    jest.restoreAllMocks();
    return rounds;
  };

  it('takes the work of one hash at BCRYPT_COST, whoever it is for and whatever is stored', async () => {
    const setUser = (usernameKey: string, data: object) => door.database.user.update({ where: { usernameKey }, data });
    await setUser('adam', { deactivatedAt: door.clock.now() });
    await setUser('agnes', { passwordHash: await bcrypt.hash('imported', 4), passwordScheme: 'BCRYPT' });
    expect(await roundsOf('nobody', password)).toBe(2 ** 10);
    expect(await roundsOf('olga', 'another password')).toBe(2 ** 10);
    expect(await roundsOf('adam', password)).toBe(2 ** 10);
    expect(await roundsOf('agnes', 'another password')).toBe(2 ** 10);
    await setUser('agnes', { deactivatedAt: door.clock.now() });
    expect(await roundsOf('agnes', 'imported')).toBe(2 ** 10);
  });
});
