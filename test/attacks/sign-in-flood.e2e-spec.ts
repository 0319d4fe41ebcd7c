import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import bcrypt from 'bcrypt';
import { PasswordTriesStore } from '../../src/auth/password-tries.store.js';
import { Gate } from '../../src/platform/gate.js';
import { minutes } from '../../src/platform/clock.js';
import { patience } from '../../src/platform/database-patience.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addPerson, password, signInAs } from '../support/people.js';

const flood = 500;
/** How many may wait for a hash. */
const queue = 50;
const megabytes = 1_000_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapInUse = () => (collect(), process.memoryUsage().heapUsed);
const count = (pages: readonly PageSeen[], status: number) => pages.filter((page) => page.status === status).length;

describe('five hundred sign-ins at once', () => {
  let door: Door;
  let visitor: Browser;
  let token: string;
  let release = () => {};
  beforeAll(async () => {
    // Flood and door share one process: how long it takes is nobody's measure here, nor when a slow database is given up.
    Object.assign(patience, { question: minutes(2), connection: minutes(2), answer: minutes(2) });
    door = await openDoor({ environment: { TRUST_PROXY: '1' } });
    const { organizationId } = await addAcme(door);
    for (let index = 0; index < 10; index += 1) await addPerson(door, { organizationId, username: `member${index}` });
    // The visitor's cookie and the token are a flooder's to keep: one page is enough.
    visitor = door.browser();
    token = String((await visitor.get('/login')).$('input[name="_csrf"]').val());
  });
  afterEach(() => {
    release();
    jest.restoreAllMocks();
  });
  afterAll(() => door.close());

  const signIn = (address: string, username: string, typed: string) => {
    const browser = visitor.clone();
    const body = new URLSearchParams({ _csrf: token, username, password: typed });
    return browser.send('POST', '/login', body, { 'x-forwarded-for': address });
  };
  const tries = async () => {
    const rows = await door.database.passwordTries.findMany({ where: { key: { startsWith: 'address:' } } });
    return rows.reduce((sum, { failed }) => sum + failed, 0);
  };

  it('hash no more than there is room for: the rest is told to come back, costs no try, and keeps no member waiting', async () => {
    const agnes = await signInAs(door, 'agnes');
    // No hash ends before it is let: how fast the machine is does not matter.
    const released = new Promise<void>((resolve) => (release = resolve));
    const compare = bcrypt.compare.bind(bcrypt);
    const compared = jest.spyOn(bcrypt, 'compare') as unknown as jest.SpyInstance<Promise<boolean>, [string, string]>;
    compared.mockImplementation(async (typed, stored) => {
      await released;
      return compare(typed, stored);
    });
    let [refused, mostWaiting, mostAhead] = [0, 0, 0];
    let allCame = () => {};
    const allAreThere = new Promise<void>((resolve) => (allCame = resolve));
    const lookWhetherAllCame = () => {
      if (refused + mostWaiting + compared.mock.calls.length >= flood) allCame();
    };
    const run = Gate.prototype.run;
    jest.spyOn(Gate.prototype, 'run').mockImplementation(function (this: Gate, work, line) {
      const result = run.call(this, work, line);
      const { ahead, behind } = (this as unknown as { lines: { ahead: unknown[]; behind: unknown[] } }).lines;
      [mostWaiting, mostAhead] = [Math.max(mostWaiting, behind.length), Math.max(mostAhead, ahead.length)];
      lookWhetherAllCame();
      return result;
    });

    const posts = Array.from({ length: flood }, async (_, index) => {
      // One in fifty is a member's, with the right password.
      const address = `10.0.${index >> 8}.${index & 255}`;
      const page = await (index % 50
        ? signIn(address, `nobody${index}`, 'wrong password')
        : signIn(address, `member${index / 50}`, password));
      if (page.status === 503) refused += 1;
      lookWhetherAllCame();
      return page;
    });
    await allAreThere;
    const width = compared.mock.calls.length;
    // Whoever is signed in is answered while the gate is full, and before anybody in it.
    const pages = await Promise.all(['/', '/profile/details', '/profile/sessions'].map((path) => agnes.clone().get(path)));
    expect(pages.map(({ status, signedInAs }) => [status, signedInAs])).toEqual(Array(3).fill([200, 'agnes']));
    expect([width, mostWaiting]).toEqual([expect.any(Number), queue]);
    expect(width).toBeLessThanOrEqual(3);
    // Nor does the flood stand before somebody who signs in where they did before.
    const known = agnes.clone();
    known.cookies.delete('gatehouse');
    const mistyped = known.signIn('agnes', 'mistyped by agnes');
    while (mostAhead === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    release();

    expect((await mistyped).status).toBe(401);
    // Behind the hashes that were under way, and no more than these.
    expect(compared.mock.calls.findIndex(([typed]) => typed === 'mistyped by agnes')).toBeLessThanOrEqual(width);

    const answers = await Promise.all(posts);
    const busy = answers.filter(({ status }) => status === 503);
    expect(busy).toHaveLength(flood - queue - width);
    expect(busy.filter(({ headers, text }) => headers.get('retry-after') !== '5' || !/no try was counted/.test(text))).toEqual([]);
    const [right, wrong] = [count(answers, 303), count(answers, 401)];
    expect([right + wrong, compared.mock.calls.length]).toEqual([queue + width, queue + width + 1]);
    expect(await tries()).toBe(wrong);
    expect(await door.database.session.count()).toBe(right + 1);
    // Behind it the door is as it was.
    expect((await signIn('192.0.2.9', 'olga', password)).status).toBe(303);
  });

  it('under as many names from an address that waits leave no row of any of them', async () => {
    await door.database.passwordTries.deleteMany();
    for (let index = 0; index < 10; index += 1) await signIn('192.0.2.2', `nobody${index}`, 'wrong password');
    const rows = await door.database.passwordTries.count();
    const answers = await Promise.all(
      Array.from({ length: flood }, (_, index) => signIn('192.0.2.2', `another${index}`, 'wrong password')),
    );
    expect(count(answers, 429)).toBe(flood);
    expect(await door.database.passwordTries.count()).toBe(rows);
  });

  it('for one name from one address wait for their turn in a queue that ends, and leave nothing behind', async () => {
    await door.database.passwordTries.deleteMany();
    const before = heapInUse();
    const compared = jest.spyOn(bcrypt, 'compare');
    const looked = jest.spyOn(door.app.get(PasswordTriesStore), 'findWaiting');
    const answers = await Promise.all(Array.from({ length: flood }, () => signIn('192.0.2.1', 'olga', 'wrong password')));
    // Five are free; the others wait for these at most, and none of them is hashed.
    expect([count(answers, 401), compared.mock.calls.length]).toEqual([5, 5]);
    expect(count(answers, 429) + count(answers, 503)).toBe(flood - 5);
    // Once each, and then together: two hundred who look by themselves would keep everybody else waiting.
    expect(looked.mock.calls.length).toBeLessThan(flood + 100);
    expect(answers.filter(({ status, headers }) => status >= 429 && headers.get('retry-after') === null)).toEqual([]);
    door.clock.turn(minutes(2));
    expect((await signIn('192.0.2.1', 'olga', password)).status).toBe(303);
    jest.restoreAllMocks();
    answers.length = 0;
    expect(heapInUse() - before).toBeLessThan(20 * megabytes);
  });
});
