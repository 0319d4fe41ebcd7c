import bcrypt from 'bcrypt';
import { hashOfToken } from '../../src/sessions/session-token.js';
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { Sweeper, sweptAtOnce } from '../../src/platform/sweeper.js';
import { cheapHash, type Door, openDoor } from '../support/door.js';
import { addAcme, password, signInAs } from '../support/people.js';

describe('signing in', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor();
    await addAcme(door);
  });
  afterEach(() => door.close());

  it('takes the username without case and with spaces around it', async () => {
    const page = await door.browser().signIn(' OLGA ', password);
    expect(page).toMatchObject({ status: 200, path: '/', signedInAs: 'olga' });
    expect(page.text).toMatch(/Owner/);
    expect(page.text).toMatch(/Acme/);
    expect(page.text).toMatch(/password alone/);
  });

  it('says the same for an unknown user, a wrong password and a deactivated user', async () => {
    await door.database.user.update({ where: { usernameKey: 'adam' }, data: { deactivatedAt: door.clock.now() } });
    const pages = [
      await door.browser().signIn('nobody', password),
      await door.browser().signIn('olga', 'another password'),
      await door.browser().signIn('adam', password),
    ];
    for (const page of pages) {
      expect(page).toMatchObject({ status: 401, path: '/login', alert: pages[0]!.alert });
      expect(page.body).not.toContain(password);
    }
    expect(pages[0]!.alert).not.toBe('');
    expect(pages[1]!.$('input[name="username"]').val()).toBe('olga');
  });

  it('leads to the page that was asked for, and to no other place', async () => {
    const browser = door.browser();
    const login = await browser.get('/profile/security');
    expect(login.path + login.search).toBe('/login?returnTo=%2Fprofile%2Fsecurity');
    expect(await browser.submit(login, 'password', { username: 'olga', password })).toMatchObject({
      path: '/profile/security',
      signedInAs: 'olga',
    });
    for (const elsewhere of [
      '//evil.test',
      'https://evil.test/',
      '/\\evil.test',
      '/login',
      '/health/live',
      '/nowhere',
      '/%2F%2Fevil.test',
      'profile/security',
      '/profile/security%0d%0aX:1',
      '/.//evil.test',
    ]) {
      const page = await door.browser().signIn('olga', password, `/login?returnTo=${encodeURIComponent(elsewhere)}`);
      expect(page).toMatchObject({ path: '/', signedInAs: 'olga' });
    }
  });

  it('keeps only a hash of the cookie, which lives to the 24 hours after the password', async () => {
    const browser = door.browser();
    const page = await browser.get('/login');
    const token = page.$('input[name="_csrf"]').val();
    const answer = await browser.send('POST', '/login', new URLSearchParams({ _csrf: String(token), username: 'olga', password }));
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('gatehouse='));
    expect(cookie).toMatch(/^gatehouse=[\w-]{43}; Max-Age=86400; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    const session = await door.database.session.findFirstOrThrow();
    expect(JSON.stringify(session)).not.toContain(browser.sessionCookie);
    expect(session.tokenHash).toBe(hashOfToken(browser.sessionCookie!));
    door.clock.turn(hours(24) - seconds(1));
    expect((await browser.get('/')).signedInAs).toBe('olga');
    door.clock.turn(seconds(1));
    const over = await browser.get('/profile/details');
    expect(over.path).toBe('/login');
    expect(over.notice).toMatch(/24 hours/);
    expect(browser.sessionCookie).toBeUndefined();
  });

  it('ends the session on the server at sign-out', async () => {
    const browser = door.browser();
    const home = await browser.signIn('olga', password);
    const thief = browser.clone();
    const page = await browser.submit(home, '/logout');
    expect(page).toMatchObject({ path: '/login' });
    expect(page.notice).toMatch(/signed out/);
    expect((await thief.get('/')).path).toBe('/login');
    expect(await door.database.session.count()).toBe(0);
    expect((await browser.submit(home, '/logout')).path).toBe('/login');
  });

  it('opens one session for a double click, whichever answer the browser keeps', async () => {
    const browser = door.browser();
    const page = await browser.get('/login');
    const windows = [browser.clone(), browser.clone(), browser.clone()];
    const answers = await Promise.all(windows.map((window) => window.submit(page, 'password', { username: 'olga', password })));
    expect(answers.map(({ signedInAs }) => signedInAs)).toEqual(['olga', 'olga', 'olga']);
    expect(new Set(windows.map(({ sessionCookie }) => sessionCookie)).size).toBe(1);
    expect(await door.database.session.count()).toBe(1);
  });

  it('opens another session for another browser, another member, after sign-out, and later', async () => {
    const browser = door.browser();
    const page = await browser.get('/login');
    const [first, second, third] = [browser.clone(), browser.clone(), browser.clone()];
    await first.submit(page, 'password', { username: 'olga', password });
    await second.submit(page, 'password', { username: 'adam', password });
    await door.browser().signIn('olga', password);
    expect(await door.database.session.count()).toBe(3);
    await first.visitAndSubmit('/', '/logout');
    await third.submit(page, 'password', { username: 'olga', password });
    expect((await first.get('/')).path).toBe('/login');
    expect(third.sessionCookie).not.toBe(first.sessionCookie);
    door.clock.turn(seconds(10));
    const fourth = browser.clone();
    await fourth.submit(page, 'password', { username: 'olga', password });
    expect(fourth.sessionCookie).not.toBe(third.sessionCookie);
    expect((await third.get('/')).signedInAs).toBe('olga');
    expect((await fourth.get('/')).signedInAs).toBe('olga');
  });

  it('keeps the ten newest sessions, and counts no half-open ones', async () => {
    const first = door.browser();
    await first.signIn('olga', password);
    for (let count = 0; count < 9; count += 1) {
      door.clock.turn(seconds(1));
      await door.browser().signIn('olga', password);
    }
    expect((await first.get('/')).signedInAs).toBe('olga');
    door.clock.turn(seconds(1));
    await door.browser().signIn('olga', password);
    expect((await first.get('/')).path).toBe('/login');
    await door.database.organization.updateMany({ data: { twoFactorRequired: true } });
    const { id } = await door.database.user.findUniqueOrThrow({ where: { usernameKey: 'olga' } });
    for (let count = 0; count < 3; count += 1) await door.browser().signIn('olga', password);
    expect(await door.database.session.count({ where: { userId: id, halfOpenStage: null } })).toBe(10);
  });

  it('keeps ten also when the browser of the oldest one signs in again', async () => {
    const first = door.browser();
    const page = await first.get('/login');
    const again = first.clone();
    await first.submit(page, 'password', { username: 'olga', password });
    const others = [];
    for (let count = 0; count < 9; count += 1) {
      door.clock.turn(seconds(2));
      others.push(await signInAs(door, 'olga'));
    }
    expect((await again.submit(page, 'password', { username: 'olga', password })).signedInAs).toBe('olga');
    expect(await door.database.session.count()).toBe(10);
    expect((await others[0]!.get('/')).path).toBe('/login');
  });

  it('sweeps away what is over', async () => {
    await door.browser().signIn('olga', password);
    await door.browser().signIn('olga', 'another password');
    expect(await door.database.passwordTries.count()).toBeGreaterThan(0);
    door.clock.turn(hours(24) + minutes(1));
    await door.app.get(Sweeper).sweepAll();
    expect(await door.database.session.count()).toBe(0);
    // Wrong passwords in a row are counted over a year.
    expect(await door.database.passwordTries.findMany({ select: { key: true } })).toEqual([
      { key: expect.stringMatching(/^row:/) as string },
    ]);
    door.clock.turn(hours(24 * 364));
    await door.app.get(Sweeper).sweepAll();
    expect(await door.database.passwordTries.count()).toBe(0);
  });

  it('sweeps all of it away, however much there is', async () => {
    await door.database.$executeRaw`
      INSERT INTO rate_counts (key, count, since) SELECT 'old ' || n, 1, ${door.clock.now()}::timestamptz FROM generate_series(1, ${2 * sweptAtOnce + 1}::int) AS n`;
    door.clock.turn(hours(24) + minutes(1));
    await door.app.get(Sweeper).sweepAll();
    expect(await door.database.rateCount.count()).toBe(0);
  });

  it('renews the bcrypt hash of another platform once, and lets in whoever came with it at that moment', async () => {
    const passwordHash = (await bcrypt.hash('imported', cheapHash + 1)).replace('$2b$', '$2y$');
    await door.database.user.update({ where: { usernameKey: 'agnes' }, data: { passwordHash, passwordScheme: 'BCRYPT' } });
    const pages = await Promise.all([1, 2, 3].map(() => door.browser().signIn('agnes', 'imported')));
    expect(pages.map(({ signedInAs }) => signedInAs)).toEqual(['agnes', 'agnes', 'agnes']);
  });

  it('takes the bcrypt hash of another platform, and renews it', async () => {
    const hash = (await bcrypt.hash('imported', cheapHash + 1)).replace('$2b$', '$2y$');
    await door.database.user.update({ where: { usernameKey: 'agnes' }, data: { passwordHash: hash, passwordScheme: 'BCRYPT' } });
    expect((await door.browser().signIn('agnes', 'imported')).signedInAs).toBe('agnes');
    const renewed = await door.database.user.findUniqueOrThrow({ where: { usernameKey: 'agnes' } });
    expect(renewed).toMatchObject({ passwordScheme: 'HMAC_BCRYPT' });
    expect(renewed.passwordHash).toMatch(new RegExp(`^\\$2b\\$0${cheapHash}\\$`));
    expect((await door.browser().signIn('agnes', 'imported')).signedInAs).toBe('agnes');
    expect((await door.browser().signIn('agnes', 'Imported')).status).toBe(401);
  });

  it('gives a session that deactivation ends no further page', async () => {
    const browser = door.browser();
    await browser.signIn('olga', password);
    await door.database.user.update({ where: { usernameKey: 'olga' }, data: { deactivatedAt: door.clock.now() } });
    expect((await browser.get('/')).path).toBe('/login');
  });

  it.each(['username=olga&username=adam', 'username[$ne]=', 'username[]=olga', ''])(
    'refuses %s as a field error that costs no try',
    async (fields) => {
      const browser = door.browser();
      const token = (await browser.get('/login')).$('input[name="_csrf"]').val();
      const body = new URLSearchParams(`${fields}&password=${encodeURIComponent(password)}`);
      body.set('_csrf', String(token));
      const page = await browser.send('POST', '/login', body);
      expect(page.status).toBe(422);
      expect(page.alert).not.toBe('');
      expect(await door.database.passwordTries.count()).toBe(0);
    },
  );

  it('takes no credentials from the address', async () => {
    const browser = door.browser();
    const token = (await browser.get('/login')).$('input[name="_csrf"]').val();
    const page = await browser.send(
      'POST',
      `/login?username=olga&password=${encodeURIComponent(password)}`,
      new URLSearchParams({ _csrf: String(token) }),
    );
    expect(page.status).toBe(422);
  });
});
