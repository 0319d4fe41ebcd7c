import { Sweeper } from '../../src/platform/sweeper.js';
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import type { SecretKey } from '../../src/platform/secret-keys.js';
import { type Door, openDoor, testKey } from '../support/door.js';
import { addAcme, enroll, password } from '../support/people.js';
import { mailsTo } from '../support/sent.js';

const sessions = '/profile/sessions';
const firefox = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0' };

let door: Door;
let acme: Awaited<ReturnType<typeof addAcme>>;
beforeEach(async () => {
  door = await openDoor();
  acme = await addAcme(door);
});
afterEach(() => door.close());

const signIn = async (browser: Browser = door.browser(), username = 'agnes') => {
  await browser.signIn(username, password);
  return browser;
};
const listed = ({ $ }: PageSeen) =>
  $('[data-testid="session"]')
    .toArray()
    .map((element) => $(element).text().replace(/\s+/g, ' ').trim());

describe('the own sessions', () => {
  it('say where, with what, since when and when last', async () => {
    await signIn(door.browser(firefox));
    door.clock.turn(minutes(60));
    const browser = await signIn();
    const [own, other, ...more] = listed(await browser.get(sessions));
    expect(own).toMatch(/This one/);
    expect(other).toMatch(/^Firefox on Windows Address ?127\.0\.0\.1 Signed in by ?password Since.+ Last seen/);
    expect(more).toEqual([]);
  });

  it('are marked as seen every five minutes', async () => {
    const browser = await signIn();
    const lastSeen = async () => (await door.database.session.findFirstOrThrow()).lastSeenAt;
    const first = await lastSeen();
    door.clock.turn(minutes(5) - 1);
    await browser.get('/');
    expect(await lastSeen()).toEqual(first);
    door.clock.turn(1);
    await browser.get('/');
    expect(await lastSeen()).toEqual(door.clock.now());
  });

  it('show one that knows the password and stands at the challenge, until its time is over', async () => {
    const key = await enroll(door, acme.agnes);
    await door.database.user.update({ where: { id: acme.agnes }, data: { choseTwoFactor: true } });
    const thief = door.browser();
    expect((await thief.signIn('agnes', password)).path).toBe('/two-factor/challenge');
    const browser = door.browser();
    await browser.submit(await browser.signIn('agnes', password), 'code', { code: door.codeOf(key) });
    const page = await browser.get(sessions);
    expect(listed(page)[0]).toMatch(/password and authenticator app/);
    expect(listed(page)[1]).toMatch(/Not signed in yet: password only/);
    await browser.submit(page, `${sessions}/end`);
    expect((await thief.get('/two-factor/challenge')).path).toBe('/login');
    await thief.signIn('agnes', password);
    door.clock.turn(minutes(15));
    expect(listed(await browser.get(sessions))).toHaveLength(1);
  });

  it('are ended one by one, at once', async () => {
    const [other, browser] = [await signIn(), await signIn()];
    const page = await browser.submit(await browser.get(sessions), `${sessions}/end`);
    expect(page.notice).toMatch(/is ended/);
    expect(listed(page)).toHaveLength(1);
    expect((await other.get('/')).path).toBe('/login');
    expect((await browser.get('/')).signedInAs).toBe('agnes');
  });

  it('are ended all at once, but for this one', async () => {
    const others = [await signIn(), await signIn()];
    const stranger = await signIn(door.browser(), 'olga');
    const browser = await signIn();
    const page = await browser.get(sessions);
    const pages = await Promise.all([browser.submit(page, `${sessions}/end-others`), browser.submit(page, `${sessions}/end-others`)]);
    expect(pages.map(({ notice, status }) => [status, /All other sessions are ended/.test(notice)])).toEqual([
      [200, true],
      [200, true],
    ]);
    for (const other of others) expect((await other.get('/')).path).toBe('/login');
    expect((await browser.get('/')).signedInAs).toBe('agnes');
    expect((await stranger.get('/')).signedInAs).toBe('olga');
    expect(await door.database.auditRecord.count({ where: { kind: 'session-ended' } })).toBe(1);
  });

  it('are ended ten minutes after the last proof by a step-up alone', async () => {
    const [one, other] = [await signIn(), await signIn()];
    const browser = await signIn();
    door.clock.turn(minutes(10));
    for (const form of [`${sessions}/end`, `${sessions}/end-others`]) {
      expect((await browser.submit(await browser.get(sessions), form)).path).toBe('/step-up');
    }
    expect((await one.get('/')).signedInAs).toBe('agnes');
    const stepUp = await browser.submit(await browser.get(sessions), `${sessions}/end-others`);
    expect(stepUp.text).toMatch(/end all your other sessions/);
    const page = await browser.submit(stepUp, 'password', { password });
    expect(page.notice).toMatch(/All other sessions are ended/);
    for (const ended of [one, other]) expect((await ended.get('/')).path).toBe('/login');
  });

  it('are ended one by one by a step-up, which ends the one that was chosen', async () => {
    const [one, other] = [await signIn(), await signIn()];
    const browser = await signIn();
    const { id } = await door.database.session.findFirstOrThrow({ orderBy: { startedAt: 'asc' } });
    door.clock.turn(minutes(10));
    const stepUp = await browser.submit(await browser.get(sessions), `${sessions}/end`, { session: id });
    await browser.submit(stepUp, 'password', { password });
    expect([await one.get('/'), await other.get('/')].filter(({ signedInAs }) => signedInAs === 'agnes')).toHaveLength(1);
    expect(await door.database.session.count({ where: { id } })).toBe(0);
  });

  it('of somebody else cannot be ended', async () => {
    const stranger = await signIn(door.browser(), 'olga');
    const { id } = await door.database.session.findFirstOrThrow({ where: { userId: acme.olga } });
    await signIn();
    const browser = await signIn();
    const page = await browser.get(sessions);
    await browser.submit(page, `${sessions}/end`, { session: id });
    expect((await stranger.get('/')).signedInAs).toBe('olga');
    for (const session of ['', 'x', `${id}x`]) {
      expect(await browser.submit(page, `${sessions}/end`, { session })).toMatchObject({ status: 422, signedInAs: 'agnes' });
    }
  });
});

describe('a sign-in on a new device', () => {
  const address = 'agnes@acme.test';
  const told = async () => (await mailsTo(door, address)).map(({ subject }) => subject);
  beforeEach(async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: address } });
  });

  it('is told by mail, and no other one', async () => {
    const browser = await signIn();
    expect(await told()).toEqual([]);
    await browser.submit(await browser.get('/'), '/logout');
    await signIn(browser);
    expect(await told()).toEqual([]);
    await signIn(door.browser(firefox));
    const [mail, ...others] = await mailsTo(door, address);
    expect(others).toEqual([]);
    expect(mail?.subject).toBe('Your account was used on a new device');
    expect(mail?.text).toMatch(/Firefox on Windows/);
    expect(mail?.text).toMatch(/127\.0\.0\.1/);
  });

  it('is told once the second factor is right, not before', async () => {
    const key = await enroll(door, acme.agnes);
    await door.database.user.update({ where: { id: acme.agnes }, data: { choseTwoFactor: true } });
    const enter = async (browser: Browser) => {
      const page = await browser.signIn('agnes', password);
      door.clock.turn(seconds(30));
      return () => browser.submit(page, 'code', { code: door.codeOf(key) });
    };
    await (
      await enter(door.browser())
    )();
    const answer = await enter(door.browser());
    expect(await told()).toEqual([]);
    await answer();
    expect(await told()).toEqual(['Your account was used on a new device']);
  });

  it('is told once for a sign-in that is clicked twice', async () => {
    await signIn();
    const browser = door.browser();
    const page = await browser.get('/login');
    const post = () => browser.clone().submit(page, 'password', { username: 'agnes', password });
    const pages = await Promise.all([post(), post()]);
    expect(pages.map(({ signedInAs }) => signedInAs)).toEqual(['agnes', 'agnes']);
    expect(await told()).toEqual(['Your account was used on a new device']);
    expect(await door.database.auditRecord.count({ where: { kind: 'sign-in', actor: 'agnes' } })).toBe(2);
  });

  it('is not told of a browser that was known before the keys changed, also once the old key is gone', async () => {
    const [before, now] = [testKey, { id: 'next', bytes: Buffer.alloc(32, 8) }];
    const { database, clock } = door;
    const signInUnder = async (keys: readonly SecretKey[], cookies: ReadonlyMap<string, string>) => {
      const copy = await openDoor({ database, clock, keys });
      const browser = copy.browser();
      for (const [name, value] of cookies) browser.cookies.set(name, value);
      await browser.submit(await browser.signIn('agnes', password), '/logout');
      await copy.close();
      return browser.cookies;
    };
    await signIn();
    let { cookies } = await signIn();
    cookies = new Map([...cookies].filter(([name]) => name === 'visitor'));
    for (const keys of [[before, now], [now, before], [before, now], [now, before], [now]]) cookies = await signInUnder(keys, cookies);
    expect(await told()).toEqual(['Your account was used on a new device']);
    expect(await door.database.knownDevice.count()).toBe(2);
  });

  it('takes a cookie that somebody made up for a new one', async () => {
    await signIn();
    const browser = door.browser();
    browser.cookies.set('visitor', 'made.up');
    await signIn(browser);
    expect(await told()).toHaveLength(1);
  });

  it('remembers a device for as long as a browser keeps its cookie', async () => {
    await signIn();
    door.clock.turn(hours(24 * 400));
    await door.app.get(Sweeper).sweepAll();
    expect(await door.database.knownDevice.count()).toBe(0);
  });
});

describe('on record', () => {
  const kinds = async () =>
    (await door.database.auditRecord.findMany({ orderBy: [{ at: 'asc' }, { id: 'asc' }] })).map(
      ({ kind, outcome, actor, subject, address }) => [kind, outcome, actor, subject, address],
    );

  it('stand a sign-in and its failures, with who and from where', async () => {
    const browser = door.browser();
    await browser.signIn('agnes', 'not this one');
    await browser.signIn('nobody', 'not this one');
    door.clock.turn(1);
    await signIn(browser);
    door.clock.turn(1);
    await browser.submit(await browser.get('/'), '/logout');
    expect(await kinds()).toEqual(
      expect.arrayContaining([
        ['password-refused', 'REFUSED', 'visitor', 'agnes', '127.0.0.1'],
        ['password-refused', 'REFUSED', 'visitor', null, '127.0.0.1'],
        ['sign-in', 'DONE', 'agnes', null, '127.0.0.1'],
        ['sign-out', 'DONE', 'agnes', null, '127.0.0.1'],
      ]),
    );
    expect(await kinds()).toHaveLength(4);
    const [nobody] = await door.database.auditRecord.findMany({ where: { kind: 'password-refused', subject: null } });
    expect(nobody?.organizationId).not.toBe(acme.organizationId);
    expect(JSON.stringify(nobody)).not.toMatch(/nobody|not this one/);
  });
});
