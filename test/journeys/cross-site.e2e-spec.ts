import { Browser } from '../support/browser.js';
import { type Door, openDoor, underHttps } from '../support/door.js';
import { addAcme, password } from '../support/people.js';

describe('posts from elsewhere, and what every answer carries', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor();
    await addAcme(door);
  });
  afterEach(() => door.close());

  const signedIn = async () => {
    const browser = door.browser();
    const page = await browser.signIn('olga', password);
    return { browser, token: String(page.$('input[name="_csrf"]').val()) };
  };
  const form = (fields: Record<string, string>) => new URLSearchParams(fields);

  it('are told apart from a visitor who came by another name of this machine', async () => {
    const address = door.base.replace('localhost', '127.0.0.1');
    const browser = new Browser(address);
    const page = await browser.get('/login');
    expect(page.text).toContain(door.base);
    const posted = await browser.send(
      'POST',
      '/login',
      form({ _csrf: String(page.$('input[name="_csrf"]').val()), username: 'olga', password }),
    );
    expect(posted.status).toBe(403);
    expect(posted.alert).toContain(door.base);
  });

  it('are let in from a second tab after the cookie of the session changed', async () => {
    const { browser, token } = await signedIn();
    const tab = browser.clone();
    await browser.get('/profile/details');
    expect((await tab.send('POST', '/profile/details', form({ _csrf: token, name: 'Olga', email: '' }))).status).toBe(303);
  });

  it('are refused when they are too large, compressed, or have too many fields', async () => {
    const { browser, token } = await signedIn();
    const send = (body: URLSearchParams, headers = {}) => browser.send('POST', '/profile/details', body, headers);
    expect(await send(form({ _csrf: token, name: 'x'.repeat(17_000) }))).toMatchObject({ status: 413, signedInAs: 'olga' });
    expect(
      await send(form({ _csrf: token, ...Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, ''])) })),
    ).toMatchObject({ status: 413, signedInAs: 'olga' });
    expect((await send(form({ _csrf: token, name: 'x' }), { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('carry the headers, errors and files too', async () => {
    const { browser } = await signedIn();
    for (const path of ['/', '/login', '/nowhere', '/organization/configuration', '/assets/gatehouse.css']) {
      const { headers } = await browser.send('GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('permissions-policy')).toMatch(/camera=\(\)/);
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('strict-transport-security')).toBeNull();
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none';script-src 'self';style-src 'self';img-src 'self';font-src 'self';connect-src 'self';form-action 'self';base-uri 'none';object-src 'none';frame-ancestors 'none';manifest-src 'self'",
      );
      if (!path.startsWith('/assets')) expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('holds the username of a signed-in member on every page, errors too', async () => {
    const { browser } = await signedIn();
    for (const path of [
      '/',
      '/nowhere',
      '/profile/details',
      '/profile/security',
      '/profile/authenticator',
      '/organization/configuration',
      '/step-up',
      '/setup',
    ]) {
      expect((await browser.get(path)).signedInAs).toBe('olga');
    }
  });

  it('has no inline script or style on any page', async () => {
    const { browser } = await signedIn();
    for (const path of [
      '/',
      '/nowhere',
      '/profile/details',
      '/profile/security',
      '/profile/authenticator',
      '/organization/configuration',
      '/step-up',
    ]) {
      const { $ } = await browser.get(path);
      expect($('script:not([src]), style, [style], [onclick], [onload]')).toHaveLength(0);
    }
  });
});

describe('under https', () => {
  it('uses the __Host- cookie, Secure, and HSTS', async () => {
    const door = await openDoor({
      environment: underHttps,
    });
    await addAcme(door);
    const browser = door.browser();
    const page = await browser.get('/login');
    expect(page.headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
    expect(page.headers.get('content-security-policy')).toContain('upgrade-insecure-requests');
    const body = new URLSearchParams({ _csrf: String(page.$('input[name="_csrf"]').val()), username: 'olga', password });
    const answer = await browser.send('POST', '/login', body, { origin: 'https://door.example.com' });
    expect(answer.status).toBe(303);
    expect(answer.headers.getSetCookie().join()).toMatch(
      /__Host-gatehouse=[\w-]{43}; Max-Age=86400; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax/,
    );
    await door.close();
  });
});
