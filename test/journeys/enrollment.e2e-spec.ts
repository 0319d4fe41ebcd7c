import { minutes, seconds } from '../../src/platform/clock.js';
import type { PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addOrganization, addPerson, password } from '../support/people.js';

const page = '/two-factor/enroll';
const wrong = (right: string) => (right === '000000' ? '111111' : '000000');

describe('enrollment', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeEach(async () => {
    door = await openDoor();
    acme = await addAcme(door, { twoFactorRequired: true });
  });
  afterEach(() => door.close());

  it('follows the first password, and the first right code signs in', async () => {
    const browser = door.browser();
    const shown = await browser.signIn('agnes', password);
    expect(shown).toMatchObject({ path: page, status: 200, signedInAs: undefined });
    expect(shown.headers.get('cache-control')).toBe('no-store');
    expect(shown.key).toMatch(/^[A-Z2-7]{32}$/);
    expect(shown.testId('totp-key')).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    const before = browser.clone();
    expect(await browser.submit(shown, 'code', { code: door.codeOf(shown.key) })).toMatchObject({
      path: '/profile/recovery-codes',
      signedInAs: 'agnes',
    });
    const home = await browser.get('/');
    expect(browser.sessionCookie).not.toBe(before.sessionCookie);
    expect((await before.get('/')).path).toBe('/login');
    expect(home.text).toMatch(/password and a code/);
  });

  it('draws the QR code as inline SVG, and names the apps and where to get them', async () => {
    const shown = await door.browser().signIn('agnes', password);
    const svg = shown.$('svg[data-testid="totp-qr"]');
    expect(svg.attr('aria-label')).toMatch(/QR code/);
    expect(svg.find('path').attr('d')).toMatch(/^M4 4h/);
    for (const app of ['Microsoft Authenticator', 'Google Authenticator', 'Authy']) expect(shown.text).toContain(app);
    expect(shown.$('a[href^="https://play.google.com/"]')).toHaveLength(3);
    expect(shown.$('a[href^="https://apps.apple.com/"]')).toHaveLength(3);
    expect(shown.text).toContain('Gatehouse');
    expect(shown.text).toContain('Acme - agnes');
  });

  it('shows the same secret over reloads, tabs and wrong codes of one browser, and another to another', async () => {
    const browser = door.browser();
    const shown = await browser.signIn('agnes', password);
    const refused = await browser.submit(shown, 'code', { code: wrong(door.codeOf(shown.key)) });
    expect(refused).toMatchObject({ status: 401, path: page });
    expect(refused.alert).toMatch(/not right/);
    const keys = [
      refused.key,
      (await browser.get(page)).key,
      (await browser.clone().get(page)).key,
      (await browser.submit(shown, 'code', { code: '12' })).key,
    ];
    expect(new Set([shown.key, ...keys]).size).toBe(1);
    expect((await door.browser().signIn('agnes', password)).key).not.toBe(shown.key);
  });

  it('shows two tabs that open at once the same secret', async () => {
    const browser = door.browser();
    const token = String((await browser.get('/login')).$('input[name="_csrf"]').val());
    await browser.send('POST', '/login', new URLSearchParams({ _csrf: token, username: 'agnes', password }));
    const tabs = await Promise.all(Array.from({ length: 6 }, () => browser.clone().get(page)));
    expect(new Set(tabs.map(({ key }) => key)).size).toBe(1);
  });

  it('opens nothing else before', async () => {
    const browser = door.browser();
    await browser.signIn('agnes', password);
    for (const path of [
      '/',
      '/login',
      '/two-factor/challenge',
      '/profile/details',
      '/profile/security',
      '/profile/authenticator',
      '/step-up',
      '/organization/configuration',
    ]) {
      expect((await browser.get(path)).path).toBe(page);
    }
  });

  it('never shows the secret again, and keeps it encrypted', async () => {
    const browser = door.browser();
    const shown = await browser.signIn('agnes', password);
    const [pending] = await door.database.pendingAuthenticator.findMany();
    expect(pending?.secret).toMatch(/^v1\.test\./);
    expect(pending?.secret).not.toContain(shown.key);
    await browser.submit(shown, 'code', { code: door.codeOf(shown.key) });
    expect((await browser.get(page)).path).toBe('/');
    const { secret } = await door.database.authenticator.findUniqueOrThrow({ where: { userId: acme.agnes } });
    expect(secret).toMatch(/^v1\.test\./);
    expect(secret).not.toContain(shown.key);
    expect(await door.database.pendingAuthenticator.count()).toBe(0);
    for (const path of ['/', '/profile/security', '/profile/details']) expect((await browser.get(path)).body).not.toContain(shown.key);
  });

  it('refuses a secret that was moved to another user, and lets nobody in with it', async () => {
    const browser = door.browser();
    const shown = await browser.signIn('agnes', password);
    await browser.submit(shown, 'code', { code: door.codeOf(shown.key) });
    const row = await door.database.authenticator.findUniqueOrThrow({ where: { userId: acme.agnes } });
    await door.database.authenticator.create({ data: { ...row, userId: acme.adam, lastUsedStep: 0 } });
    const thief = door.browser();
    const challenge = await thief.signIn('adam', password);
    expect((await thief.submit(challenge, 'code', { code: door.codeOf(shown.key, 1) })).status).toBe(503);
    expect((await thief.get('/')).path).toBe('/two-factor/challenge');
  });

  it('ends for every other sign-in of the user when one confirms first', async () => {
    const [first, second] = [door.browser(), door.browser()];
    const [mine, theirs] = [await first.signIn('agnes', password), await second.signIn('agnes', password)];
    await first.submit(mine, 'code', { code: door.codeOf(mine.key) });
    const late = await second.submit(theirs, 'code', { code: door.codeOf(theirs.key) });
    expect(late).toMatchObject({ path: '/two-factor/challenge', signedInAs: undefined });
    expect(late.body).not.toContain(theirs.key);
    expect((await second.submit(late, 'code', { code: door.codeOf(theirs.key) })).status).toBe(401);
    expect((await second.submit(late, 'code', { code: door.codeOf(mine.key, 1) })).signedInAs).toBe('agnes');
  });

  it('lets one of two first codes that come at once confirm', async () => {
    const browsers = await Promise.all(Array.from({ length: 4 }, () => door.browser()));
    const pages: PageSeen[] = [];
    for (const browser of browsers) pages.push(await browser.signIn('agnes', password));
    const answers = await Promise.all(
      browsers.map((browser, index) => browser.submit(pages[index]!, 'code', { code: door.codeOf(pages[index]!.key) })),
    );
    expect(answers.filter(({ signedInAs }) => signedInAs === 'agnes')).toHaveLength(1);
    expect(answers.filter(({ path }) => path === '/two-factor/challenge')).toHaveLength(3);
  });

  it('ends after 15 minutes, with its secret', async () => {
    const browser = door.browser();
    const shown = await browser.signIn('agnes', password);
    door.clock.turn(minutes(15) - seconds(1));
    expect((await browser.get(page)).key).toBe(shown.key);
    door.clock.turn(seconds(1));
    const over = await browser.submit(shown, 'code', { code: door.codeOf(shown.key) });
    expect(over).toMatchObject({ path: '/login', signedInAs: undefined });
    expect(over.notice).toMatch(/15 minutes/);
    const again = await browser.signIn('agnes', password);
    expect(again.path).toBe(page);
    expect(again.key).not.toBe(shown.key);
  });

  it('does not take its own code at the next sign-in', async () => {
    const browser = door.browser();
    const shown = await browser.signIn('agnes', password);
    const code = door.codeOf(shown.key);
    await browser.submit(shown, 'code', { code });
    const next = door.browser();
    const challenge = await next.signIn('agnes', password);
    expect(await next.submit(challenge, 'code', { code })).toMatchObject({ status: 401, path: '/two-factor/challenge' });
    expect((await next.submit(challenge, 'code', { code: door.codeOf(shown.key, -1) })).status).toBe(401);
    expect((await next.submit(challenge, 'code', { code: door.codeOf(shown.key, 1) })).signedInAs).toBe('agnes');
  });

  it('can be left for another account', async () => {
    const browser = door.browser();
    const shown = await browser.signIn('agnes', password);
    expect((await browser.submit(shown, '/logout')).path).toBe('/login');
    expect((await browser.signIn('adam', password)).path).toBe(page);
  });

  it('keeps two organizations apart in the app, whatever is in the name', async () => {
    const organizationId = await addOrganization(door, 'Søn & Co: "Café" <b>', { twoFactorRequired: true });
    await addPerson(door, { organizationId, username: 'g:ü nther@x' });
    const shown = await door.browser().signIn('G:Ü nther@x', password);
    expect(shown.path).toBe(page);
    const uri = new URL(String(shown.$('a[href^="otpauth:"]').attr('href')));
    expect(decodeURIComponent(uri.pathname)).toBe('/Gatehouse:Søn & Co: "Café" <b> - g:ü nther@x');
    expect(uri.searchParams.get('issuer')).toBe('Gatehouse');
    expect(shown.body).not.toContain('<b>');
  });
});
