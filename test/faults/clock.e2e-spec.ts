/** A server's clock that steps in the middle of things: back by an hour, or ahead by a day and back again. */
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import { formOf } from '../support/browser.js';
import { type AcmeWithCodes, openAcmeWithCodes } from '../support/acme-with-codes.js';
import type { Door } from '../support/door.js';
import { enroll, password, signInAs } from '../support/people.js';
import { linksTo } from '../support/links.js';
import { otherThan } from '../support/sent.js';

const challenge = '/two-factor/challenge';

describe('a clock that steps', () => {
  let door: Door;
  let acme: AcmeWithCodes['acme'];
  let key: string;
  beforeEach(async () => {
    ({ door, acme, key } = await openAcmeWithCodes());
  });
  afterEach(() => door.close());

  const answer = async (code: string) => {
    const agnes = await signInAs(door, 'agnes');
    return [agnes, await agnes.submit(await agnes.get(challenge), 'code', { code })] as const;
  };

  it('back by an hour takes no code again that was used, and none of before it', async () => {
    const used = door.codeOf(key);
    expect((await answer(used))[1].signedInAs).toBe('agnes');
    door.clock.turn(-hours(1));
    expect((await answer(used))[1].status).toBe(401);
    // As the app shows it by a clock that went back with the server's: steps only go up.
    expect((await answer(door.codeOf(key)))[1].status).toBe(401);
    door.clock.turn(hours(1) + seconds(60));
    expect((await answer(door.codeOf(key)))[1].signedInAs).toBe('agnes');
  });

  it('back by an hour signs nobody out, and lets a session live for that hour longer and no more', async () => {
    const [agnes] = await answer(door.codeOf(key));
    door.clock.turn(-hours(1));
    expect((await agnes.get('/')).signedInAs).toBe('agnes');
    door.clock.turn(hours(25) - seconds(1));
    expect((await agnes.get('/')).signedInAs).toBe('agnes');
    door.clock.turn(seconds(1));
    expect((await agnes.get('/')).path).toBe('/login');
  });

  it('back brings no session to life that was swept, and no challenge further than its 15 minutes', async () => {
    const waiting = await signInAs(door, 'agnes');
    const [agnes] = await answer(door.codeOf(key));
    door.clock.turn(hours(24));
    expect((await agnes.get('/')).path).toBe('/login');
    await door.app.get(Sweeper).sweepAll();
    door.clock.turn(-hours(24));
    for (const browser of [agnes, waiting]) expect((await browser.get('/')).path).toBe('/login');
  });

  it('ahead by a day ends sessions and challenges, and never signs anybody in', async () => {
    const waiting = await signInAs(door, 'agnes');
    const [agnes] = await answer(door.codeOf(key));
    door.clock.turn(hours(24));
    for (const browser of [agnes, waiting]) expect((await browser.get('/')).path).toBe('/login');
  });

  it('ahead by a day and back leaves no wait of the second factor behind', async () => {
    door.clock.turn(hours(24));
    for (let count = 0; count < 2; count += 1) {
      const agnes = await signInAs(door, 'agnes');
      const page = await agnes.get(challenge);
      for (let code = 0; code < 5; code += 1) await agnes.submit(page, 'code', { code: otherThan(door.codeOf(key)) });
    }
    expect((await answer(door.codeOf(key)))[1].status).toBe(429);
    door.clock.turn(-hours(24));
    expect((await answer(door.codeOf(key)))[1].signedInAs).toBe('agnes');
  });

  it('ahead by a day and back leaves no wait after wrong passwords behind', async () => {
    door.clock.turn(hours(24));
    const guess = (given: string) => door.browser().signIn('agnes', given);
    for (let count = 0; count < 5; count += 1) await guess('wrong password');
    expect((await guess(password)).status).toBe(429);
    door.clock.turn(-hours(24));
    expect((await guess(password)).path).toBe(challenge);
  });

  it('ahead by a day and back keeps nobody from asking for a link', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: 'agnes@acme.test' } });
    const ask = () => door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
    door.clock.turn(hours(24));
    for (let count = 0; count < 5; count += 1) await ask();
    expect((await ask()).status).toBe(429);
    // What was asked for is sent behind the answers: before the clock is put right.
    expect(await linksTo(door, 'agnes@acme.test')).toHaveLength(5);
    door.clock.turn(-hours(24));
    expect((await ask()).status).toBe(200);
    expect(await linksTo(door, 'agnes@acme.test')).toHaveLength(6);
  });

  it('back by an hour leaves a proof fresh for that hour longer, and the policy asks for one after it', async () => {
    const olgaKey = await enroll(door, acme.olga);
    const olga = door.browser();
    await olga.submit(await olga.signIn('olga', password), 'code', { code: door.codeOf(olgaKey) });
    door.clock.turn(-hours(1));
    const page = await olga.get('/organization/configuration');
    expect(page.status).toBe(200);
    door.clock.turn(hours(1) + minutes(10));
    const { action, values } = formOf(page, 'twoFactorRequired');
    delete values.twoFactorRequired;
    const asked = await olga.send('POST', action, new URLSearchParams({ ...values, reason: 'a test' }));
    expect([asked.status, asked.headers.get('location')]).toEqual([303, expect.stringMatching(/^\/step-up/)]);
  });
});
