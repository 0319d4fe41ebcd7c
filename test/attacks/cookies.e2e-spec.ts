import type { Browser } from '../support/browser.js';
import { type Door, openDoor, underHttps } from '../support/door.js';
import { addAcme, password, signInAs } from '../support/people.js';
import { isMembersPage, lines, wire } from '../support/wire.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const next = (sign: string) => alphabet.charAt((alphabet.indexOf(sign) + 1) % 64);
const valueOf = (browser: Browser) => browser.sessionCookie ?? 'none';

/** Each position with another sign: the last one carries two bits that no byte needs. */
const oneOff = (value: string) => [...value].map((sign, index) => value.slice(0, index) + next(sign) + value.slice(index + 1));

/** @returns what stands in `Cookie`: never the value alone under its name */
function spellings(value: string, another: string): readonly string[] {
  const half = value.length >> 1;
  const cut = [1, 2, half, 42].map((length) => value.slice(0, length));
  const grown = [
    `${value}A`,
    `A${value}`,
    `${value}=`,
    `${value}.`,
    `.${value}`,
    `${value}%20`,
    `${value}%00`,
    `${value}/`,
    `${value},x`,
    `${value}${value}`,
  ];
  const written = [
    `"${value}"`,
    `'${value}'`,
    `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`,
    value.toUpperCase(),
    value.toLowerCase(),
    [...value].reverse().join(''),
  ];
  const other = ['', 'null', 'undefined', 'true', '0', '*', '%', '__proto__', 'A'.repeat(43), 'A'.repeat(8000), '../../x', "' OR '1'='1"];
  const mixed = [
    value.slice(0, half) + another.slice(half),
    another.slice(0, half) + value.slice(half),
    `${value}; gatehouse=${another}`,
    `${another}; gatehouse=${value}`,
  ];
  const twice = [`${value}; gatehouse=${value}`, `${value}; gatehouse=`, `; gatehouse=${value}`, `x; a=b; gatehouse=${value}`];
  const values = [...cut, ...oneOff(value), ...grown, ...written, ...other, ...mixed, ...twice].map((one) => `gatehouse=${one}`);
  const names = [
    '__Host-gatehouse',
    '__Secure-gatehouse',
    'Gatehouse',
    'GATEHOUSE',
    'gatehouse[]',
    'gatehouse.',
    '$gatehouse',
    'session',
    'visitor',
    'link',
    'connect.sid',
  ];
  return [
    ...values,
    ...names.map((name) => `${name}=${value}`),
    `gatehouse =${value}`,
    `gatehouse:${value}`,
    `gatehouse==${value}`,
    value,
    `=${value}`,
  ];
}

describe('a session cookie', () => {
  let door: Door;
  let olga: string;
  let agnes: string;
  beforeAll(async () => {
    door = await openDoor();
    await addAcme(door);
    [olga, agnes] = [valueOf(await signInAs(door, 'olga')), valueOf(await signInAs(door, 'agnes'))];
  });
  afterAll(() => door.close());

  const isIn = async (headers: Readonly<Record<string, string>>, path = '/') => {
    const answer = await wire(door.base, { path, headers });
    return answer.status >= 500 ? answer.status : isMembersPage(answer);
  };

  it('lets in as it is, and in no other spelling', async () => {
    expect(await isIn({ cookie: `gatehouse=${olga}` })).toBe(true);
    expect(await isIn({ cookie: `a=b; gatehouse=${olga}; c=d` })).toBe(true);
    const found: string[] = [];
    for (const cookie of spellings(olga, agnes)) if ((await isIn({ cookie })) !== false) found.push(cookie);
    expect(found).toEqual([]);
  });

  it('lets nobody in from any other place in the request', async () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
    const bearers = [
      `Bearer ${olga}`,
      `Token ${olga}`,
      `Session ${olga}`,
      olga,
      basic(`${olga}:`),
      basic(`:${olga}`),
      basic(`gatehouse:${olga}`),
      basic(`olga:${password}`),
    ];
    const headers = [
      'x-session',
      'x-auth-token',
      'gatehouse',
      'cookie2',
      'set-cookie',
      'x-cookie',
      'remote-user',
      'x-remote-user',
      'x-forwarded-user',
    ];
    const found: string[] = [];
    for (const authorization of bearers) if ((await isIn({ authorization })) !== false) found.push(authorization);
    for (const name of headers)
      for (const value of [`gatehouse=${olga}`, olga, 'olga'])
        if ((await isIn({ [name]: value })) !== false) found.push(`${name}: ${value}`);
    for (const query of ['gatehouse', 'session', 'token', 'cookie', 'sid'])
      if ((await isIn({}, `/?${query}=${olga}`)) !== false) found.push(query);
    for (const path of [`/;gatehouse=${olga}`, `/?Cookie=gatehouse%3D${olga}`]) if ((await isIn({}, path)) !== false) found.push(path);
    expect(found).toEqual([]);
  });

  it('lets nobody in on two lines, or with what no header holds', async () => {
    const start = ['GET / HTTP/1.1', `Host: ${new URL(door.base).host}`];
    const ask = (...more: readonly string[]) => lines(door.base, [...start, ...more]);
    expect(isMembersPage(await ask(`Cookie: gatehouse=${olga}`))).toBe(true);
    const heads = [
      [`Cookie: gatehouse=${olga}`, `Cookie: gatehouse=${agnes}`],
      [`Cookie: gatehouse=${agnes}`, `Cookie: gatehouse=${olga}`],
      [`Cookie: gatehouse=${olga}`, `Cookie: gatehouse=${olga}`],
      [`Cookie: gatehouse=${olga}\0`],
      [`Cookie: gatehouse=\0${olga}`],
      [`Cookie: gatehouse=${olga}\xff`],
      [`Cookie: gatehouse=${olga}\xc0\xaf`],
      [`Cookie : gatehouse=${olga}`],
      [`Cookie:`, ` gatehouse=${olga}`],
      [`Cookie: gatehouse=${'A'.repeat(20_000)}`],
    ];
    const answers = [];
    for (const head of heads) answers.push(await ask(...head));
    expect(answers.map((answer) => isMembersPage(answer) || answer.status >= 500)).toEqual(heads.map(() => false));
  });

  it('is replaced by nothing that stands in another cookie of ours', async () => {
    const browser = await signInAs(door, 'olga');
    const visitor = browser.cookies.get('visitor') ?? '';
    const [id = '', signature = ''] = visitor.split('.');
    const found: string[] = [];
    for (const value of [visitor, id, signature, `${id}.`, `.${signature}`])
      if ((await isIn({ cookie: `gatehouse=${value}` })) !== false) found.push(value);
    const broken = [
      ...oneOff(id)
        .slice(0, 5)
        .map((other) => `${other}.${signature}`),
      `${id}.${signature}A`,
      `${id}`,
      '.',
      '',
      `${id}.${signature}.${signature}`,
    ];
    for (const value of broken) {
      const { status, headers } = await wire(door.base, { path: '/login', headers: { cookie: `visitor=${value}` } });
      const isGivenAnother = headers['set-cookie']?.some((line) => line.startsWith('visitor=') && !line.startsWith(`visitor=${id}`));
      if (status !== 200 || (!isGivenAnother && value !== `${id}.${signature}.${signature}`)) found.push(`visitor=${value}: ${status}`);
    }
    for (const value of ['reset.x', 'reset', '.', `reset.${olga}`, `invitation.${olga}`, `__proto__.${olga}`, 'A'.repeat(8000)])
      for (const path of ['/password/reset', '/invitation', '/two-factor/lost-phone/withdraw']) {
        const { status } = await wire(door.base, { path, headers: { cookie: `link=${value}` } });
        if (status !== 404) found.push(`link=${value} at ${path}: ${status}`);
      }
    expect(found).toEqual([]);
  });
});

describe('under https, a session cookie', () => {
  it('has no other name than the one that binds it to this host', async () => {
    const door = await openDoor({
      environment: underHttps,
    });
    await addAcme(door);
    const browser = door.browser({ origin: 'https://door.example.com' });
    await browser.signIn('olga', password);
    const value = browser.cookies.get('__Host-gatehouse') ?? 'none';
    const isIn = async (cookie: string) => isMembersPage(await wire(door.base, { path: '/', headers: { cookie } }));
    expect(await isIn(`__Host-gatehouse=${value}`)).toBe(true);
    for (const name of ['gatehouse', '__host-gatehouse', '__Secure-gatehouse', ' __Host-', '__Host-gatehouse2'])
      expect([name, await isIn(`${name}=${value}`)]).toEqual([name, false]);
    expect(await isIn(`gatehouse=x; __Host-gatehouse=${value}`)).toBe(true);
    await door.close();
  });
});
