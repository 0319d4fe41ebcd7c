import type { IncomingMessage, ServerResponse } from 'node:http';
import { seconds } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { tokenOn } from '../support/every-post.js';
import { addAcme, addOrganization, addPerson, enroll, password } from '../support/people.js';
import { routerRoutes } from '../support/router.js';
import { wire } from '../support/wire.js';

const host = 'evil.test';
/** Addresses that a browser, or a careless check, takes for a page of ours. */
const slashes = [
  '//',
  '///',
  '/\\',
  '\\\\',
  '\\/',
  '/%5c',
  '/%2f',
  '/%2f%2f',
  '/.//',
  '/\t/',
  '/\n/',
  '\t//',
  ' //',
  '\u2215\u2215',
  '/\u2044',
  '/\uff0f',
  '//\u3002',
];
const schemes = [
  'https://',
  'https:',
  'http:/',
  'https:///',
  'ftp://',
  '@',
  '.',
  '/login@',
  '/profile/details@',
  '/profile/details:x@',
  '/profile/details?//',
];
const scripts = [
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  '/javascript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  '\u0001javascript:alert(1)',
];
/** Ours, and no page that a member is led to. */
const others = [
  '/login',
  '/logout',
  '/setup',
  '/outbox',
  '/health/live',
  '/two-factor/enroll',
  '/two-factor/challenge',
  '/nowhere',
  '/assets/gatehouse.css',
];
const spelled = [
  '/assets/../profile/details',
  '/profile/../logout',
  '/profile/security#x',
  '/profile/details/',
  '//profile/details',
  '/PROFILE/DETAILS',
  'profile/details',
  './profile/details',
];
const strayed = [
  '/profile/details\r\nSet-Cookie: gatehouse=x',
  '/profile/details\0',
  '/profile/details\u202e',
  '/profile/details%00',
  '/profile/details;x',
  '/profile/details%0d%0ax:y',
  `/profile/details?${'x'.repeat(600)}`,
  '',
  'null',
  '/organization/people/agnes/role',
];
const targets = [...[...slashes, ...schemes].map((start) => start + host), ...scripts, ...others, ...spelled, ...strayed];
const queries = [
  ...targets.map((target) => `returnTo=${encodeURIComponent(target)}`),
  `returnTo=/profile/details&returnTo=//${host}`,
  `returnTo[]=/profile/details`,
  'returnTo=%FF',
  'returnTo=%',
];

/** A local path: one slash, and nothing that begins another host or another line. */
const isLocal = (location: string) => /^\/(?![/\\])[\x21-\x7e]*$/.test(location) && !location.includes(host);
const cookieOf = (browser: Browser) => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

describe('an address to return to', () => {
  let door: Door;
  /** Of every answer that this file is given. */
  let locations: string[];
  beforeEach(async () => {
    door = await openDoor({ environment: { LIMITS: 'relaxed' } });
    await addAcme(door);
    locations = [];
    door.app.getHttpServer().on('request', (_: IncomingMessage, response: ServerResponse) => {
      response.on('finish', () => {
        const location = response.getHeader('location');
        if (location !== undefined) locations.push(String(location));
      });
    });
  });
  afterEach(async () => {
    expect(locations.length).toBeGreaterThan(0);
    expect(locations.filter((location) => !isLocal(location))).toEqual([]);
    await door.close();
  });

  const post = async (browser: Browser, path: string, fields: Readonly<Record<string, string>>) =>
    wire(door.base, { method: 'POST', path, body: new URLSearchParams(fields).toString(), headers: { cookie: cookieOf(browser) } });

  /** Not followed: it must not lead this test out of the house. */
  const codeLeadsTo = async (browser: Browser, page: PageSeen, code: string) =>
    (await browser.send('POST', page.path, new URLSearchParams({ _csrf: tokenOn(page), code }))).headers.get('location');

  it('is a page of this application for members, or none, at sign-in', async () => {
    const browser = door.browser();
    const page = await browser.get('/login');
    const found: string[] = [];
    for (const query of queries) {
      const shown = await browser.get(`/login?${query}`);
      const action = shown.$('form').first().attr('action');
      if (action !== undefined && action !== '/login') found.push(`${query}: the form leads to ${action}`);
      const { status, headers } = await post(browser, `/login?${query}`, { _csrf: tokenOn(page), username: 'agnes', password });
      if (status !== 303 || headers.location !== '/') found.push(`${query}: ${status} ${headers.location ?? ''}`);
    }
    expect(found).toEqual([]);
    const right = await post(browser, '/login?returnTo=%2Fprofile%2Fdetails', { _csrf: tokenOn(page), username: 'agnes', password });
    expect(right.headers.location).toBe('/profile/details');
  });

  it('is not kept through challenge and enrollment when it is none', async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: true } });
    const { id } = await door.database.user.findFirstOrThrow({ where: { username: 'agnes' } });
    const key = await enroll(door, id);
    const kept = async () => (await door.database.session.findMany({ where: { returnTo: { not: null } } })).map(({ returnTo }) => returnTo);
    for (const query of queries)
      for (const username of query.includes(host) ? ['agnes'] : ['adam']) {
        const browser = door.browser();
        const page = await browser.get('/login');
        await post(browser, `/login?${query}`, { _csrf: tokenOn(page), username, password });
      }
    expect(await kept()).toEqual([]);
    const challenged = door.browser();
    const challenge = await challenged.signIn('agnes', password, `/login?returnTo=%2F%2F${host}`);
    expect(await codeLeadsTo(challenged, challenge, door.codeOf(key))).toBe('/');
    const enrolling = door.browser();
    const enrollment = await enrolling.signIn('adam', password, `/login?returnTo=%2F%5C${host}`);
    expect(await codeLeadsTo(enrolling, enrollment, door.codeOf(enrollment.key))).toBe('/profile/recovery-codes?returnTo=%2F');
  });

  it('is none at a step-up and behind the recovery codes', async () => {
    const browser = door.browser();
    const page = await browser.signIn('agnes', password);
    const found: string[] = [];
    for (const returnTo of targets) {
      const query = `returnTo=${encodeURIComponent(returnTo)}`;
      const shown = await browser.get(`/step-up?${query}`);
      const hidden = shown.$('input[name="returnTo"]').attr('value');
      if (hidden !== '/') found.push(`${query}: the step-up leads to ${hidden}`);
      const answer = await browser.send('POST', '/step-up', new URLSearchParams({ _csrf: tokenOn(page), password, returnTo }));
      if (answer.headers.get('location') !== '/') found.push(`${query}: ${answer.status} ${answer.headers.get('location')}`);
      const kept = await browser.send('POST', '/profile/recovery-codes/kept', new URLSearchParams({ _csrf: tokenOn(page), returnTo }));
      if (kept.headers.get('location') !== '/profile/security') found.push(`${query}: ${kept.status} ${kept.headers.get('location')}`);
    }
    expect(found).toEqual([]);
  });

  it('is never made of the address that a visitor or a moved session asked for', async () => {
    const organizationId = await addOrganization(door, 'Beta');
    await addPerson(door, { organizationId, username: 'ben' });
    const asked = [
      ...targets.filter((target) => target.startsWith('/')),
      `//${host}/profile/details`,
      `/${host}/..//profile`,
      `http://${host}/profile/details`,
    ];
    for (const path of asked.map((target) => target.replace(/[^\x21-\x7e]/g, encodeURIComponent))) {
      const visitor = await wire(door.base, { path });
      expect([path, visitor.headers.location ?? '/login']).toEqual([path, '/login']);
    }
    for (const path of [`//${host}/profile/details`, `/%5c${host}`, `/profile/details?x=//${host}`]) {
      await door.database.organization.update({ where: { id: organizationId }, data: { twoFactorRequired: false } });
      const ben = door.browser();
      await ben.signIn('ben', password);
      await door.database.organization.update({ where: { id: organizationId }, data: { twoFactorRequired: true } });
      await wire(door.base, { path, headers: { cookie: cookieOf(ben) } });
      const enrollment = await ben.get('/two-factor/enroll');
      expect(await codeLeadsTo(ben, enrollment, door.codeOf(enrollment.key))).toBe('/profile/recovery-codes?returnTo=%2F');
      await door.database.authenticator.deleteMany();
      door.clock.turn(seconds(60));
    }
  });

  it('stays here at every route, for a visitor and a member, by any spelling of the route', async () => {
    const olga = door.browser();
    await olga.signIn('olga', password);
    const paths = [...new Set(routerRoutes(door).map(({ path }) => path.replace(':username', 'agnes').replace(':id', 'x')))];
    for (const path of paths)
      for (const cookie of ['', cookieOf(olga)])
        for (const start of ['', '/', `/${host}/..`, `http://${host}`]) {
          const { status } = await wire(door.base, { path: `${start}${path}`, headers: { cookie } });
          expect([start, path, status >= 500]).toEqual([start, path, false]);
        }
  });
});
