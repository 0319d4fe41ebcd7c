import { createHash, createHmac } from 'node:crypto';
import type { Browser } from '../support/browser.js';
import type { Door } from '../support/door.js';
import { bodyOf, EveryPost, number, openAttackedDoor, type Post, tokenOn } from '../support/every-post.js';
import { addAcme, giveNumber, password, signInAs } from '../support/people.js';
import { codeTo } from '../support/sent.js';
import { wire } from '../support/wire.js';

let door: Door;
afterEach(() => door.close());

const chosen = 'Attackers-Own_Value_0123456789_ABCDEFGHIJKL';
const withCookie = (value: string) => {
  const thief = door.browser();
  thief.cookies.set('gatehouse', value);
  return thief;
};

/** Whether an old value still opens anything: a page, or a post with whatever token its holder could have seen before. */
async function opensAnything(value: string, seen: readonly string[], posts: readonly Post[]): Promise<readonly string[]> {
  const found: string[] = [];
  const home = await withCookie(value).get('/');
  if (home.signedInAs !== undefined || home.path !== '/login') found.push(`leads to ${home.path}`);
  for (const { path, fields } of posts)
    for (const token of seen) {
      const thief = withCookie(value);
      const answer = await thief.send('POST', path, bodyOf({ route: path, path, by: thief, token, fields }));
      if (answer.headers.getSetCookie().some((line) => /^gatehouse=[\w-]/.test(line))) found.push(`is handed the new value at ${path}`);
      if (answer.status < 300 && path !== '/login') found.push(`posts to ${path}`);
    }
  return found;
}

/** The routes at which somebody proves something. */
const proofs = [
  '/two-factor/enroll',
  '/two-factor/challenge',
  '/two-factor/recovery',
  '/step-up',
  '/profile/authenticator',
  '/profile/password',
  '/profile/two-factor/choose',
  '/profile/two-factor/leave',
];

describe('a cookie value from before', () => {
  it('is dead at once after every proof, also for who holds it and a token of the same session', async () => {
    door = await openAttackedDoor();
    const posts = (await (await EveryPost.open(door)).posts()).filter(({ route }) => proofs.includes(route));
    expect(posts.map(({ route }) => route).sort()).toEqual([...proofs].sort());
    const found: string[] = [];
    for (const post of posts) {
      const old = post.by.sessionCookie ?? '';
      const shown = tokenOn(await post.by.clone().get(post.route.startsWith('/two-factor') ? post.path : '/'));
      const answer = await post.by.send('POST', post.path, bodyOf(post));
      if (answer.status !== 303) found.push(`${post.route}: ${answer.status}`);
      if (post.by.sessionCookie === undefined || post.by.sessionCookie === old) found.push(`${post.route}: the value is the one before`);
      for (const fault of await opensAnything(old, [shown], posts)) found.push(`${post.route}: the old value ${fault}`);
      if (!(await post.by.get('/')).signedInAs) found.push(`${post.route}: the new value is not in`);
    }
    expect(found).toEqual([]);
  });

  it('is dead after a code by SMS', async () => {
    door = await openAttackedDoor();
    const world = await EveryPost.open(door);
    await giveNumber(door, world.member('chad').id, number);
    const browser = door.browser();
    await browser.signIn('chad', password);
    const page = await browser.visitAndSubmit('/two-factor/challenge', '/two-factor/challenge/sms');
    const old = browser.sessionCookie ?? '';
    const shown = tokenOn(await browser.clone().get('/two-factor/challenge'));
    await browser.submit(page, 'code', { code: await codeTo(door, number) });
    expect([browser.sessionCookie === old, (await browser.get('/')).signedInAs]).toEqual([false, 'chad']);
    const again: Post = {
      route: '',
      path: '/two-factor/challenge',
      by: browser,
      token: shown,
      fields: { code: { kind: 'code', value: world.codeOf('chad') } },
    };
    expect(await opensAnything(old, [shown], [again])).toEqual([]);
  });

  it('is dead after signing out, and the next sign-in has another one', async () => {
    door = await openAttackedDoor();
    await addAcme(door);
    const browser = await signInAs(door, 'agnes');
    const old = browser.sessionCookie ?? '';
    await browser.visitAndSubmit('/', '/logout');
    expect(browser.sessionCookie).toBeUndefined();
    expect(await opensAnything(old, [], [])).toEqual([]);
    await browser.signIn('agnes', password);
    expect(browser.sessionCookie).not.toBe(old);
    expect(await opensAnything(old, [], [])).toEqual([]);
  });
});

describe('a value that an attacker chose', () => {
  beforeEach(async () => {
    door = await openAttackedDoor();
    await addAcme(door);
  });

  it('for the session is never taken over, whether it was one once or not', async () => {
    const left = await signInAs(door, 'adam');
    const once = left.sessionCookie ?? '';
    await left.visitAndSubmit('/', '/logout');
    const attackers = (await signInAs(door, 'adam')).sessionCookie ?? '';
    for (const value of [chosen, once, attackers]) {
      const victim = withCookie(value);
      victim.cookies.set('gatehouse', value);
      const page = await victim.get('/login');
      if (value === attackers) await victim.submit(page, '/logout');
      victim.cookies.set('gatehouse', value);
      const inside = await victim.signIn('agnes', password);
      expect([inside.signedInAs, victim.sessionCookie === value]).toEqual(['agnes', false]);
      expect((await withCookie(value).get('/')).signedInAs).toBeUndefined();
    }
  });

  it('for the visitor gives nothing of the session that is opened with it', async () => {
    const attacker = door.browser();
    const attackersToken = tokenOn(await attacker.get('/login'));
    const visitor = attacker.cookies.get('visitor') ?? '';
    const victim = door.browser();
    victim.cookies.set('visitor', visitor);
    await victim.signIn('agnes', password);
    expect(victim.cookies.get('visitor')).toBe(visitor);
    const session = await door.database.session.findFirstOrThrow();
    const [id = ''] = visitor.split('.');
    // What could be derived by who reads the whole database, but has no key.
    const texts = [
      `${id} ${session.id}`,
      `${visitor} ${session.id}`,
      `session-first ${id} ${session.id}`,
      session.tokenHash,
      session.openedFor ?? '',
    ];
    const derived = texts.flatMap((text) => [
      createHash('sha256').update(text).digest('base64url'),
      ...['', 'session-first', id, session.id].map((key) => createHmac('sha256', key).update(text).digest('base64url')),
    ]);
    for (const value of [...derived, session.tokenHash, id]) expect((await withCookie(value).get('/')).signedInAs).toBeUndefined();
    // Within the moments in which the twin of a sign-in is known by its browser: the password is asked for all the same.
    const guess = await attacker.clone().signIn('agnes', 'wrong password');
    expect([guess.status, guess.signedInAs]).toEqual([401, undefined]);
    const other = new URLSearchParams({ _csrf: attackersToken, username: 'adam', password });
    const foreign = await victim.clone().send('POST', '/login', other, { origin: 'https://evil.test' });
    expect(foreign.status).toBe(303);
    expect(foreign.headers.get('set-cookie')).toBeNull();
    const planted = door.browser();
    planted.cookies.set('visitor', visitor);
    expect((await planted.send('POST', '/login', other, { origin: 'https://evil.test' })).status).toBe(403);
    expect((await victim.get('/')).signedInAs).toBe('agnes');
  });
});

describe('an old value in the moments in which a double click is recognized', () => {
  it('is handed the new one by the very same form alone: not by a page of its own, another address, or a GET', async () => {
    door = await openAttackedDoor();
    const world = await EveryPost.open(door);
    const victim = door.browser();
    const page = await victim.signIn('chad', password);
    const thief = victim.clone();
    const pages = [await thief.get('/two-factor/challenge'), await thief.get('/two-factor/recovery')];
    await victim.submit(page, 'code', { code: world.codeOf('chad') });
    const code = world.codeOf('chad', 1);
    const found: string[] = [];
    const tries: [string, Browser, string, string][] = [
      ...pages.map((seen): [string, Browser, string, string] => ['POST', thief, '/two-factor/challenge', tokenOn(seen)]),
      ['POST', thief, '/two-factor/challenge?x', tokenOn(page)],
      ['POST', thief, '/two-factor/challenge/', tokenOn(page)],
      ['POST', thief, '/two-factor/recovery', tokenOn(page)],
      ['POST', thief, '/step-up', tokenOn(page)],
      ['POST', thief, '/two-factor/challenge', `${tokenOn(page)}x`],
      ['PUT', thief, '/two-factor/challenge', tokenOn(page)],
    ];
    for (const [method, by, path, token] of tries) {
      const cookie = [...by.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const body = new URLSearchParams({ _csrf: token, code }).toString();
      const answer = await wire(door.base, { method, path, body, headers: { cookie } });
      if (answer.headers['set-cookie']?.some((line) => /^gatehouse=[\w-]/.test(line))) found.push(`${method} ${path}`);
    }
    expect((await thief.clone().get('/two-factor/challenge')).path).toBe('/login');
    expect(found).toEqual([]);
    door.clock.turn(30_000);
    const late = await thief.send('POST', '/two-factor/challenge', new URLSearchParams({ _csrf: tokenOn(page), code }));
    expect([late.status, late.headers.get('location')]).toEqual([303, '/login']);
    expect(late.headers.getSetCookie().some((line) => /^gatehouse=[\w-]/.test(line))).toBe(false);
  });
});
