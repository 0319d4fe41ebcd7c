import { minutes, seconds } from '../../src/platform/clock.js';
import type { PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, enroll, password } from '../support/people.js';

const security = '/profile/security';
const authenticator = '/profile/authenticator';

describe("a member's own two-factor", () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeEach(async () => {
    door = await openDoor();
    acme = await addAcme(door);
  });
  afterEach(() => door.close());

  const signIn = async (key?: string) => {
    const browser = door.browser();
    const page = await browser.signIn('agnes', password);
    if (key) await browser.submit(page, 'code', { code: door.codeOf(key) });
    return browser;
  };
  const requireTwoFactor = (twoFactorRequired = true) =>
    door.database.organization.update({ where: { id: acme.organizationId }, data: { twoFactorRequired } });

  describe('where the policy leaves the choice', () => {
    it('is chosen with the first right code, asked for from then on, and left again with a current code', async () => {
      const browser = await signIn();
      const page = await browser.get(authenticator);
      expect(page.key).toMatch(/^[A-Z2-7]{32}$/);
      expect((await door.browser().signIn('agnes', password)).signedInAs).toBe('agnes');
      const codes = await browser.submit(page, 'code', { code: door.codeOf(page.key) });
      expect(codes).toMatchObject({ path: '/profile/recovery-codes', signedInAs: 'agnes' });
      const chosen = await browser.submit(codes, '/profile/recovery-codes/kept');
      expect(chosen).toMatchObject({ path: security, signedInAs: 'agnes' });
      expect(chosen.notice).toMatch(/is on/);
      expect(chosen.text).toMatch(/24 November 2026/);
      door.clock.turn(seconds(30));
      const next = await signIn(page.key);
      expect((await next.get('/')).text).toMatch(/as you chose/);
      door.clock.turn(seconds(30));
      const wrong = await next.visitAndSubmit('/profile/two-factor/leave', 'code', { code: door.codeOf(page.key, -5) });
      expect(wrong).toMatchObject({ status: 401, signedInAs: 'agnes' });
      const left = await next.submit(wrong, 'code', { code: door.codeOf(page.key) });
      expect(left.path).toBe(security);
      expect(left.notice).toMatch(/is off/);
      expect((await door.browser().signIn('agnes', password)).signedInAs).toBe('agnes');
    });

    it('needs no new QR code when an authenticator is there', async () => {
      const key = await enroll(door, acme.agnes);
      const browser = await signIn();
      expect((await browser.get(security)).$('a[href="/profile/two-factor/choose"]')).toHaveLength(1);
      const chosen = await browser.visitAndSubmit('/profile/two-factor/choose', 'code', { code: door.codeOf(key) });
      expect(chosen).toMatchObject({ path: security, signedInAs: 'agnes' });
      expect((await door.browser().signIn('agnes', password)).path).toBe('/two-factor/challenge');
    });

    it('stays when the organization switches its own off', async () => {
      const key = await enroll(door, acme.agnes);
      await (await signIn()).visitAndSubmit('/profile/two-factor/choose', 'code', { code: door.codeOf(key) });
      await requireTwoFactor();
      await requireTwoFactor(false);
      expect((await door.browser().signIn('agnes', password)).path).toBe('/two-factor/challenge');
    });

    it('asks for the password again before a first authenticator, ten minutes after the last time', async () => {
      const browser = await signIn();
      door.clock.turn(minutes(10));
      const stepUp = await browser.get(authenticator);
      expect(stepUp.path + stepUp.search).toBe('/step-up?returnTo=%2Fprofile%2Fauthenticator');
      expect((await browser.submit(stepUp, 'password', { password: 'another' })).status).toBe(401);
      const before = browser.sessionCookie;
      const page = await browser.submit(stepUp, 'password', { password });
      expect(page).toMatchObject({ path: authenticator, status: 200 });
      expect(browser.sessionCookie).not.toBe(before);
      expect((await browser.submit(page, 'code', { code: door.codeOf(page.key) })).path).toBe('/profile/recovery-codes');
    });
  });

  it('cannot be left while the organization requires it', async () => {
    const key = await enroll(door, acme.agnes);
    await requireTwoFactor();
    const browser = await signIn(key);
    const page = await browser.get(security);
    expect(page.$('a[href="/profile/two-factor/leave"]')).toHaveLength(0);
    expect((await browser.get('/profile/two-factor/leave')).path).toBe(security);
    const token = String(page.$('input[name="_csrf"]').val());
    door.clock.turn(seconds(30));
    expect(
      (await browser.send('POST', '/profile/two-factor/leave', new URLSearchParams({ _csrf: token, code: door.codeOf(key) }))).headers.get(
        'location',
      ),
    ).toBe(security);
    expect((await door.browser().signIn('agnes', password)).path).toBe('/two-factor/challenge');
  });

  describe('replacing the authenticator', () => {
    let key: string;
    beforeEach(async () => {
      key = await enroll(door, acme.agnes);
      await requireTwoFactor();
    });

    it('keeps the old one working until the new one is confirmed', async () => {
      const browser = await signIn(key);
      expect((await browser.get(security)).$(`a[href="${authenticator}"]`)).toHaveLength(1);
      const page = await browser.get(authenticator);
      expect(page.key).not.toBe(key);
      expect((await browser.get(authenticator)).key).toBe(page.key);
      door.clock.turn(seconds(30));
      expect((await (await signIn(key)).get('/')).signedInAs).toBe('agnes');
      const before = browser.sessionCookie;
      const replaced = await browser.submit(page, 'code', { code: door.codeOf(page.key) });
      expect(replaced).toMatchObject({ path: security, signedInAs: 'agnes' });
      expect(browser.sessionCookie).not.toBe(before);
      door.clock.turn(seconds(60));
      const [next, challenge] = [door.browser(), await door.browser().signIn('agnes', password)];
      const mine = await next.signIn('agnes', password);
      expect((await next.submit(mine, 'code', { code: door.codeOf(key) })).status).toBe(401);
      expect((await next.submit(mine, 'code', { code: door.codeOf(page.key) })).signedInAs).toBe('agnes');
      expect(challenge.path).toBe('/two-factor/challenge');
    });

    it('asks every other session for the new one', async () => {
      const other = await signIn(key);
      door.clock.turn(seconds(30));
      const browser = await signIn(key);
      const page = await browser.get(authenticator);
      door.clock.turn(seconds(1));
      await browser.submit(page, 'code', { code: door.codeOf(page.key) });
      expect((await browser.get('/')).signedInAs).toBe('agnes');
      expect((await other.get('/')).path).toBe('/two-factor/challenge');
    });

    it('takes no code of the old one that comes at the same moment', async () => {
      for (let round = 0; round < 4; round += 1) {
        const browser = await signIn(key);
        const page = await browser.get(authenticator);
        const others = [door.browser(), door.browser(), door.browser()];
        const pages: PageSeen[] = [];
        for (const other of others) pages.push(await other.signIn('agnes', password));
        door.clock.turn(seconds(1));
        const old = door.codeOf(key, 1);
        await Promise.all([
          browser.submit(page, 'code', { code: door.codeOf(page.key) }),
          ...others.map((other, index) => other.submit(pages[index]!, 'code', { code: old })),
        ]);
        expect((await browser.get('/')).signedInAs).toBe('agnes');
        for (const other of others) expect((await other.get('/')).path).toBe('/two-factor/challenge');
        key = page.key;
        await door.database.codeTries.deleteMany();
        door.clock.turn(seconds(90));
      }
    });

    it('asks for a code again ten minutes after the last one, and not for one that was used', async () => {
      const browser = await signIn(key);
      const page = await browser.get(authenticator);
      door.clock.turn(minutes(10));
      expect((await browser.submit(page, 'code', { code: door.codeOf(page.key) })).path).toBe('/step-up');
      const stepUp = await browser.get(authenticator);
      expect(stepUp.path).toBe('/step-up');
      expect((await browser.submit(stepUp, 'code', { code: door.codeOf(key, -3) })).status).toBe(401);
      const proven = await browser.submit(stepUp, 'code', { code: door.codeOf(key) });
      expect(proven.path).toBe(authenticator);
      expect(proven.key).toBe(page.key);
      door.clock.turn(minutes(10));
      const again = await browser.get(authenticator);
      expect((await browser.submit(again, 'code', { code: door.codeOf(key, -20) })).status).toBe(401);
    });

    it('never extends the 24 hours by a step-up', async () => {
      const browser = await signIn(key);
      const { expiresAt } = await door.database.session.findFirstOrThrow();
      door.clock.turn(minutes(60));
      await browser.visitAndSubmit('/step-up', 'code', { code: door.codeOf(key) });
      expect(await door.database.session.findFirstOrThrow()).toMatchObject({ expiresAt });
    });

    it('leads a step-up to local pages only', async () => {
      const browser = await signIn(key);
      door.clock.turn(minutes(60));
      const page = await browser.get(`/step-up?returnTo=${encodeURIComponent('https://evil.test/')}`);
      expect((await browser.submit(page, 'code', { code: door.codeOf(key) })).path).toBe('/');
    });
  });
});
