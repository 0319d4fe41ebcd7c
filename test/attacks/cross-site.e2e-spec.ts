import type { Door } from '../support/door.js';
import { bodyOf, EveryPost, openAttackedDoor, type Post, routesOfForms, setupPost, tokenOn, valuesOf } from '../support/every-post.js';
import { addAcme, password } from '../support/people.js';
import { changedTables, tableDigests } from '../support/table-digests.js';
import { wire } from '../support/wire.js';

type Attack = {
  readonly what: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly body: string;
  readonly status: number;
};

const urlencoded = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString();

/** Each is the right post but for its token. */
function withoutToken(post: Post, foreign: Readonly<Record<string, string>>): readonly Attack[] {
  const fields = valuesOf(post.fields);
  const [nonce = '', mac = ''] = post.token.split('.');
  const [othersNonce = ''] = Object.values(foreign).join().split('.');
  const tokens = {
    'no value': '',
    'a dot': '.',
    'the first half': nonce,
    'the second half': `.${mac}`,
    'another nonce': `${othersNonce}.${mac}`,
    'one character less': post.token.slice(0, -1),
    ...foreign,
  };
  return [
    { what: 'no token', body: urlencoded(fields), status: 403 },
    { what: 'token in the address alone', query: urlencoded({ _csrf: post.token }), body: urlencoded(fields), status: 403 },
    { what: 'token in a header alone', headers: { 'x-csrf-token': post.token }, body: urlencoded(fields), status: 403 },
    { what: 'token twice', body: `${urlencoded({ _csrf: post.token })}&${bodyOf(post).toString()}`, status: 403 },
    ...Object.entries(tokens).map(([what, _csrf]) => ({ what: `token: ${what}`, body: urlencoded({ _csrf, ...fields }), status: 403 })),
  ];
}

/** The right post with a header that a browser sends for another site's page. */
function fromElsewhere(post: Post, headers: readonly (readonly [string, string])[]): readonly Attack[] {
  const body = bodyOf(post).toString();
  return headers.map(([name, value]) => ({ what: `${name}: ${value}`, headers: { [name]: value }, body, status: 403 }));
}

function asNoForm(post: Post): readonly Attack[] {
  const body = bodyOf(post).toString();
  const parts = [...bodyOf(post)].map(([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  const typed = (type: string, written = body) => ({ what: type, headers: { 'content-type': type }, body: written, status: 415 });
  return [
    typed('text/plain'),
    typed('application/json', JSON.stringify({ _csrf: post.token, ...valuesOf(post.fields) })),
    typed('multipart/form-data; boundary=x', `${parts.join('')}--x--\r\n`),
  ];
}

/** By what browsers send, and by what somebody might take for this address. */
const origins = ({ base }: Door) => {
  const { port } = new URL(base);
  const likes = ['http://localhost', `http://localhost:${Number(port) + 1}`, `https://localhost:${port}`, `http://evil.localhost:${port}`];
  const written = [`HTTP://LOCALHOST:${port}`, `${base}/`, `${base}@evil.test`, `${base}.evil.test`, `${base}, https://evil.test`, ''];
  return ['null', ...likes, ...written].map((value) => ['origin', value] as const);
};
const sites = ['same-site', 'Same-Origin', 'same-origin, cross-site', 'x', ''].map((value) => ['sec-fetch-site', value] as const);
const unusual = (post: Post): readonly Attack[] =>
  ['', 'application/x-www-form-urlencoded; charset=utf-7', 'application/x-www-form-urlencodedx'].map((type) => ({
    what: `content-type: ${type}`,
    headers: { 'content-type': type },
    body: bodyOf(post).toString(),
    status: 415,
  }));

async function send(door: Door, post: Post, { headers = {}, query, body }: Pick<Attack, 'headers' | 'query' | 'body'>) {
  const cookie = [...post.by.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const path = query === undefined ? post.path : `${post.path}${post.path.includes('?') ? '&' : '?'}${query}`;
  return wire(door.base, { method: 'POST', path, body, headers: { cookie, ...headers } });
}

/** @returns what was not refused as it must be */
async function violations(door: Door, post: Post, attacks: readonly Attack[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const attack of attacks) {
    const answer = await send(door, post, attack);
    if (answer.status !== attack.status || answer.headers['set-cookie']?.some((line) => line.startsWith('gatehouse=')))
      found.push(`${post.route}, ${attack.what}: ${answer.status}`);
  }
  return found;
}

/** Tokens that are right for somebody else, or were right for this browser before it signed in. */
async function foreignTo(door: Door, { by }: Post, colleague: string): Promise<Readonly<Record<string, string>>> {
  const before = door.browser();
  before.cookies.set('visitor', by.cookies.get('visitor') ?? '');
  const stale = by.sessionCookie === undefined ? {} : { 'from before the sign-in': tokenOn(await before.get('/login')) };
  return { ...stale, 'of a visitor': tokenOn(await door.browser().get('/login')), 'of a colleague': colleague };
}

/** The very same post, from its own page. */
async function isAccepted(door: Door, post: Post): Promise<readonly string[]> {
  const before = await tableDigests(door);
  const answer = await post.by.send('POST', post.path, bodyOf(post), { 'sec-fetch-site': 'same-origin' });
  const changed = changedTables(before, await tableDigests(door));
  const isDone = answer.status === 303 || (post.route.endsWith('/export') && answer.status === 200);
  return isDone && changed.length > 0 ? [] : [`${post.route}: ${answer.status} ${answer.alert}, changed ${changed.join()}`];
}

describe('a post from another site', () => {
  let door: Door;
  afterEach(() => door.close());

  it('does nothing at any route that takes posts, while the same post from its own page does', async () => {
    door = await openAttackedDoor();
    const world = await EveryPost.open(door);
    const posts = await world.posts();
    expect(new Set(posts.map(({ route }) => route))).toEqual(routesOfForms(door));
    const { token: colleague } = await world.signIn('adam');
    const before = await tableDigests(door);
    const found: string[] = [];
    for (const post of posts) {
      const usual = [['origin', 'https://evil.test'] as const, ['sec-fetch-site', 'cross-site'] as const];
      const attacks = [...withoutToken(post, await foreignTo(door, post, colleague)), ...fromElsewhere(post, usual), ...asNoForm(post)];
      found.push(...(await violations(door, post, attacks)));
    }
    for (const post of posts.filter(({ route }) => ['/login', '/two-factor/challenge', '/logout'].includes(route)))
      found.push(...(await violations(door, post, [...fromElsewhere(post, [...origins(door), ...sites]), ...unusual(post)])));
    expect(found).toEqual([]);
    expect(changedTables(before, await tableDigests(door))).toEqual([]);
    for (const post of posts) found.push(...(await isAccepted(door, post)));
    expect(found).toEqual([]);
  });

  it('creates no organization', async () => {
    door = await openAttackedDoor();
    const post = await setupPost(door);
    const stranger = { 'of a visitor': tokenOn(await door.browser().get('/login')) };
    const headers = [...origins(door), ...sites];
    const found = await violations(door, post, [...withoutToken(post, stranger), ...fromElsewhere(post, headers), ...asNoForm(post)]);
    expect(found).toEqual([]);
    expect(await door.database.organization.count()).toBe(0);
    expect(await isAccepted(door, post)).toEqual([]);
  });

  it('is refused with the token of a session that was left, to the visitor and to the next session alike', async () => {
    door = await openAttackedDoor();
    await addAcme(door);
    const browser = door.browser();
    const page = await browser.signIn('agnes', password);
    await browser.submit(page, '/logout');
    const post = (path: string) =>
      browser.send('POST', path, new URLSearchParams({ _csrf: tokenOn(page), username: 'agnes', password, name: 'Mallory' }));
    expect((await post('/login')).status).toBe(403);
    expect((await browser.signIn('agnes', password)).signedInAs).toBe('agnes');
    expect((await post('/profile/details')).status).toBe(403);
    expect(await door.database.user.count({ where: { name: 'Mallory' } })).toBe(0);
  });
});
