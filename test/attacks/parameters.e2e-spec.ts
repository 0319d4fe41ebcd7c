import bcrypt from 'bcrypt';
import type { Browser } from '../support/browser.js';
import { cheapHash, type Door } from '../support/door.js';
import {
  bodyOf,
  EveryPost,
  type FieldKind,
  openAttackedDoor,
  type Post,
  routesOfForms,
  setupPost,
  tokenOn,
} from '../support/every-post.js';
import { addAcme, addOrganization, addPerson, password } from '../support/people.js';
import { routerRoutes } from '../support/router.js';
import { changedTables, tableDigests } from '../support/table-digests.js';
import { wire } from '../support/wire.js';

/** A body, percent-encoded by hand: what no form would send. */
type Attack = { readonly what: string; readonly body: string; readonly query?: string; readonly status?: number };

const encoded = encodeURIComponent;
const written = (fields: URLSearchParams, change: Readonly<Record<string, string | undefined>> = {}) =>
  [...fields]
    .filter(([name]) => !(name in change) || change[name] !== undefined)
    .map(([name, value]) => `${encoded(name)}=${change[name] ?? encoded(value)}`)
    .join('&');

const fullWidth = (text: string) => text.replace(/[0-9A-Za-z]/g, (sign) => String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0));
const digitsFrom = (zero: number, text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
/** Looks like the value, and is another one. Lone surrogates and stray bytes are no UTF-8. */
const around = (value: string) => [
  ...['%00', '%ED%A0%80', '%FF', '%E2%80%8F', '%E2%80%8B', '%CC%81'].flatMap((stray) => [
    `${stray}${encoded(value)}`,
    `${encoded(value)}${stray}`,
  ]),
];
const codes = (value: string) => [
  ...around(value),
  ...[fullWidth(value), digitsFrom(0x660, value), digitsFrom(0x966, value), digitsFrom(0x1d7ce, value)].map(encoded),
  ...[
    `${value}0`,
    value.slice(1),
    `+${value}`,
    `${value}.0`,
    `${value},${value}`,
    `0x${value}`,
    `${value}\u2010`,
    'true',
    'null',
    '*',
    '%',
  ].map(encoded),
];
const long = 'x'.repeat(15_000);
/** What is no value of such a field, whatever the right one is. */
const wrongValues: Readonly<Record<FieldKind, (value: string) => readonly string[]>> = {
  code: (value) => [encoded(fullWidth(value)), ...codes(value).filter((written) => written !== encoded(value)), long],
  strict: (value) => [...around(value === '' ? 'x' : value), 'x', long],
  email: (value) => ['%00', '%0D%0ABcc:x@evil.test', '%3Cx@evil.test', '%E2%80%A8%20x'].map((stray) => `${encoded(value)}${stray}`),
  text: (value) => [`${encoded(value)}%00x`, `%1B${encoded(value)}x`, `x%0D%0Ax`, long],
  checkbox: () => ['true', '1', 'ON', 'on%00', 'off', '%20on', fullWidth('on')],
  emails: (value) => ['%00', '%3Cx@evil.test'].map((stray) => `${encoded(value)}${stray}`),
  newPassword: () => [long],
  password: () => [long],
  number: (value) => ['x', `${encoded(value)}%00x`, long],
  hidden: () => [],
};

const right = (post: Post) => bodyOf(post);

/** Every way of writing each kind of field is tried here; at the other routes, which read fields by the same schemas, some. */
const thorough = ['/login', '/two-factor/challenge', '/two-factor/recovery', '/profile/details', '/organization/configuration'];

function attacksOn(post: Post): readonly Attack[] {
  const some = <Item>(items: readonly Item[], count: number) => (thorough.includes(post.route) ? items : items.slice(0, count));
  return Object.entries(post.fields).flatMap(([name, { kind, value, optional }]) => {
    const fields = right(post);
    const without = written(fields, { [name]: undefined });
    const nested = (key: string) => `${encoded(name)}${key}=${encoded(value)}`;
    const required = [
      { what: 'missing', body: without },
      { what: 'empty', body: written(fields, { [name]: '' }) },
      { what: 'in the address alone', body: without, query: `${encoded(name)}=${encoded(value)}` },
      { what: 'empty, and in the address', body: written(fields, { [name]: '' }), query: `${encoded(name)}=${encoded(value)}` },
    ];
    const attacks = [
      { what: 'twice', body: `${written(fields)}&${encoded(name)}=${encoded(value)}` },
      { what: 'twice, and once wrong', body: `${encoded(name)}=x&${written(fields)}` },
      ...some(['[]', '[x]', '[$ne]', '[constructor][prototype]'], 1).map((key) => ({
        what: `as ${name}${key}`,
        body: `${without}&${nested(key)}`,
      })),
      ...some(['[]', '[__proto__]'], 1).map((key) => ({ what: `beside ${name}${key}`, body: `${written(fields)}&${nested(key)}` })),
      ...(optional ? [] : some(required, 3)),
      ...some(wrongValues[kind](value), 2).map((wrong) => ({ what: `as ${wrong.slice(0, 60)}`, body: written(fields, { [name]: wrong }) })),
    ];
    return attacks.map((attack) => ({ ...attack, what: `${name} ${attack.what}` }));
  });
}

function floods(post: Post): readonly Attack[] {
  const body = written(right(post));
  const many = Array.from({ length: 1000 }, (_, index) => `f${index}=`).join('&');
  return [
    { what: 'with 17 KB', body: `${body}&x=${'x'.repeat(17_000)}`, status: 413 },
    { what: 'with 1,000 fields', body: `${body}&${many}`, status: 413 },
  ];
}

const cookieOf = (browser: Browser) => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

function send(door: Door, { by, path }: Pick<Post, 'by' | 'path'>, { body, query }: Pick<Attack, 'body' | 'query'>) {
  const target = query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
  return wire(door.base, { method: 'POST', path: target, body, headers: { cookie: cookieOf(by) } });
}

/** Nothing is done, nothing is counted, nothing breaks. */
async function violations(door: Door, post: Post): Promise<readonly string[]> {
  const before = await tableDigests(door);
  const found: string[] = [];
  for (const attack of [...attacksOn(post), ...floods(post)]) {
    const { status, headers } = await send(door, post, attack);
    if (status !== (attack.status ?? 422) || headers['set-cookie']?.some((line) => line.startsWith('gatehouse=')))
      found.push(`${post.route}: ${attack.what}: ${status}`);
  }
  const changed = changedTables(before, await tableDigests(door));
  return changed.length > 0 ? [...found, `${post.route}: changed ${changed.join()}`] : found;
}

/** Names that every object has are fields like others, and not known here. */
const polluting = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__proto__.role'];

/** The right post is still taken, whatever else stands in it that no form knows. */
async function isAccepted(door: Door, post: Post): Promise<readonly string[]> {
  const body = `${written(right(post))}&${polluting.map((name) => `${name}=OWNER`).join('&')}`;
  const { status, headers } = await send(door, post, { body });
  for (const line of headers['set-cookie'] ?? []) post.by.cookies.set(line.split('=')[0] ?? '', line.split(/[=;]/)[1] ?? '');
  return status === 303 || (status === 200 && post.route.endsWith('/export')) ? [] : [`${post.route}: ${status}`];
}

describe('a parameter', () => {
  let door: Door;
  afterEach(() => door.close());

  it('that is repeated, nested, missing, huge or no value of its field is refused by every form, and costs nothing', async () => {
    door = await openAttackedDoor();
    const posts = await (await EveryPost.open(door)).posts();
    expect(new Set(posts.map(({ route }) => route))).toEqual(routesOfForms(door));
    const found: string[] = [];
    for (const post of posts) found.push(...(await violations(door, post)));
    expect(found).toEqual([]);
    for (const post of posts) found.push(...(await isAccepted(door, post)));
    expect(found).toEqual([]);
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  it('of the set-up page is refused like any other', async () => {
    door = await openAttackedDoor();
    const post = await setupPost(door);
    expect(await violations(door, post)).toEqual([]);
    expect(await isAccepted(door, post)).toEqual([]);
  });
});

describe('what is typed to sign in', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openAttackedDoor({ LIMITS: 'normal' });
    await addAcme(door);
  });
  afterEach(() => door.close());

  /** No wait answers in place of the comparison. */
  const signIn = async (username: string, typed: string) => {
    await door.database.passwordTries.deleteMany();
    const browser = door.browser();
    const token = tokenOn(await browser.get('/login'));
    const body = `_csrf=${encoded(token)}&username=${encoded(username)}&password=${typed}`;
    return (await send(door, { by: browser, path: '/login' }, { body })).status;
  };
  const openNames = async (names: readonly string[], typed: string) => {
    const open: string[] = [];
    for (const name of names) if (![401, 422].includes(await signIn(name, encoded(typed)))) open.push(name);
    return open;
  };

  it('is no password for being like it: it is neither trimmed nor cut, folded or read as another one', async () => {
    const like = [
      ` ${password}`,
      `${password} `,
      `${password}\n`,
      password.toUpperCase(),
      password.replaceAll(' ', ''),
      password.slice(0, -1),
    ];
    const odd = [
      `${password}\0`,
      `\0${password}`,
      `${password}\u200b`,
      fullWidth(password),
      password.replaceAll(' ', '\u00a0'),
      `${password}${'x'.repeat(60)}`,
    ];
    const typed = [
      ...[...like, ...odd].map(encoded),
      `${encoded(password)}%FF`,
      `${encoded(password)}%ED%A0%80`,
      '%00',
      '%FF',
      '%20',
      '[object Object]',
      '*',
      '%25',
    ];
    const open: string[] = [];
    for (const one of typed) if (![401, 422].includes(await signIn('agnes', one))) open.push(one);
    expect(open).toEqual([]);
    expect(await signIn('agnes', encoded(password))).toBe(303);
  });

  it('is no password of an imported bcrypt hash for beginning like it before a NUL', async () => {
    const passwordHash = await bcrypt.hash(password, cheapHash);
    const imported = { passwordHash, passwordScheme: 'BCRYPT' } as const;
    for (const typed of [
      `${encoded(password)}%00`,
      `${encoded(password)}%00x`,
      `%00${encoded(password)}`,
      '%00',
      `${encoded(password)}%20`,
    ]) {
      await door.database.user.updateMany({ where: { username: 'adam' }, data: imported });
      expect([typed, await signIn('adam', typed)]).toEqual([typed, 401]);
    }
    expect(await signIn('adam', encoded(password))).toBe(303);
  });

  it("is nobody else's name for looking like it", async () => {
    const letters = [
      '\u0430gnes',
      'agn\u0435s',
      'agne\u0455',
      '\u0251gnes',
      'agnes\u200b',
      '\u202eagnes',
      'agnes\u0301',
      'a\u00adgnes',
      'agnes%',
      'agne_',
      '*',
      'a*',
    ];
    const quoted = [
      "agnes'--",
      "' OR 1=1 --",
      'agnes\\',
      '{"$ne":""}',
      'agnes@acme.test',
      'agnes\0',
      'agnes/../adam',
      'agnes;adam',
      'agnes adam',
    ];
    expect(await openNames([...letters, ...quoted], password)).toEqual([]);
    expect(await openNames(['AGNES', fullWidth('agnes')], password)).toEqual(['AGNES', fullWidth('agnes')]);
    const organizationId = await addOrganization(door, 'Türk');
    await addPerson(door, { organizationId, username: 'ışıl' });
    expect(await openNames(['isil', 'IŞIL', 'ısıl'], password)).toEqual([]);
    expect(await openNames(['ışıl', 'ｉ\u0307', 'nobody'], password)).toEqual(['ışıl']);
  });

  it('counts for one name however that is spelled', async () => {
    const spellings = ['agnes', 'AGNES', ' Agnes ', fullWidth('agnes'), 'agne\u017f', '\u24d0gnes'];
    const browser = door.browser();
    const statuses: number[] = [];
    for (const name of spellings) statuses.push((await browser.signIn(name, 'wrong password')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });
});

describe('a parameter of an address', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openAttackedDoor();
    await addAcme(door);
  });
  afterAll(() => door.close());

  /** What each page reads of its address. */
  const read: Readonly<Record<string, string>> = {
    '/organization/people': 'q filter sort page done',
    '/organization/people/invite': 'page done report',
    '/organization/audit': 'person kind from to before',
    '/organization/configuration': 'saved',
    '/login': 'returnTo notice',
    '/step-up': 'returnTo form',
    '/profile/recovery-codes': 'returnTo',
    '/profile/details': 'saved',
    '/profile/security': 'done',
    '/profile/sessions': 'done',
    '/password/forgot': 'sent',
    '/password/reset': 'token',
    '/invitation': 'token',
    '/setup': 'token',
    '/outbox': 'format',
  };
  const values = [
    '-1',
    '0',
    '1e9',
    '1.5',
    '999999999999999999999',
    'NaN',
    '',
    '%00',
    '%FF',
    '%ED%A0%80',
    '%',
    "'",
    '__proto__',
    'constructor',
    'toString',
    '2026-02-30',
  ];
  const cursors = ['0000-01-01T00:00:00.000Z', '9998-12-31T23:59:59.999Z', '2026-99-99T99:99:99.999Z'].map(
    (at) => `${at}_00000000-0000-7000-8000-000000000000`,
  );
  const days = ['0001-01-01', '1900-01-01', '9998-12-31', '9999-12-31', '-2026-01-01', '2026-02-30'];
  const ofAny = [
    `q=${'x'.repeat(5000)}`,
    Array.from({ length: 2000 }, (_, index) => `f${index}`).join('&'),
    '__proto__[x]=1&constructor=1',
    '&&&===&',
  ];
  const queriesOf = (path: string) => {
    const named = (read[path] ?? 'x')
      .split(' ')
      .flatMap((name) => [
        ...[...values, ...(name === 'before' ? cursors : []), ...(['from', 'to'].includes(name) ? days : [])].map(
          (value) => `${name}=${value}`,
        ),
        ...[`${name}=x&${name}=y`, `${name}[]=x`, `${name}[$ne]=x`, `${name}[__proto__][x]=1`],
      ]);
    return read[path] === undefined ? ofAny : [...named, ...ofAny];
  };

  it('breaks no page, whoever asks, and leads nowhere else', async () => {
    const olga = door.browser();
    await olga.signIn('olga', password);
    const pages = routerRoutes(door).filter(({ method, path }) => method === 'GET' && !path.includes(':'));
    const found: string[] = [];
    for (const { path } of pages)
      for (const query of queriesOf(path)) {
        const headers = path === '/login' ? {} : { cookie: cookieOf(olga) };
        const answer = await wire(door.base, { path: `${path}?${query}`, headers });
        const isLocal = answer.headers.location === undefined || /^\/(?![/\\])/.test(answer.headers.location);
        if (answer.status >= 500 || !isLocal)
          found.push(`${path}?${query.slice(0, 80)}: ${answer.status} ${answer.headers.location ?? ''}`);
      }
    expect(found).toEqual([]);
  });
});
