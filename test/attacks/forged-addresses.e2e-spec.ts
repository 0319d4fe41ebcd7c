import { connect } from 'node:net';
import { linksTo } from '../support/links.js';
import { type Door, openDoor, underHttps } from '../support/door.js';
import { tokenOn } from '../support/every-post.js';
import { addAcme, enroll, giveNumber, password, signInAs } from '../support/people.js';
import { routerRoutes } from '../support/router.js';
import { mailsTo, smsTo } from '../support/sent.js';
import { wire, type WireAnswer } from '../support/wire.js';

type Headers = Readonly<Record<string, string>>;

let door: Door;
afterEach(() => door.close());

/** One wrong password, and how it was answered. */
async function guess(headers: Headers, username = 'agnes'): Promise<number> {
  const browser = door.browser();
  const token = tokenOn(await browser.get('/login'));
  const cookie = `visitor=${browser.cookies.get('visitor') ?? ''}`;
  const body = new URLSearchParams({ _csrf: token, username, password: 'wrong password' }).toString();
  return (await wire(door.base, { method: 'POST', path: '/login', body, headers: { cookie, ...headers } })).status;
}

/** The address that a wrong password stands under on record. */
async function counted(headers: Headers): Promise<string> {
  await door.database.auditRecord.deleteMany();
  await guess(headers);
  return (await door.database.auditRecord.findFirstOrThrow({ where: { kind: 'password-refused' } })).address ?? '';
}

const socket = '127.0.0.1';
const from = (address: string) => ({ 'x-forwarded-for': address });

describe('a forged client address', () => {
  it('is not looked at without a trusted proxy, in whatever header it stands', async () => {
    door = await openDoor();
    await addAcme(door);
    const names = [
      'x-forwarded-for',
      'x-real-ip',
      'x-client-ip',
      'cf-connecting-ip',
      'true-client-ip',
      'fastly-client-ip',
      'x-cluster-client-ip',
      'x-originating-ip',
    ];
    const headers = [
      ...names.map((name, index) => ({ [name]: `192.0.2.${index}` })),
      { forwarded: 'for=192.0.2.60' },
      { via: '192.0.2.61' },
    ];
    const statuses: number[] = [];
    for (const [index, forged] of headers.entries()) statuses.push(await guess(forged, `name${index}`));
    expect(statuses).toEqual(headers.map(() => 401));
    expect(await guess(from('192.0.2.99'), 'another')).toBe(429);
    const records = await door.database.auditRecord.findMany({ select: { address: true } });
    expect(new Set(records.map(({ address }) => address))).toEqual(new Set([socket]));
  });

  it('counts as what the last proxy saw, however it is written, or as the connection', async () => {
    door = await openDoor({ environment: { TRUST_PROXY: '1', LIMITS: 'relaxed' } });
    await addAcme(door);
    const ipv4 = [
      '192.0.2.1',
      '::ffff:192.0.2.1',
      '::FFFF:c000:201',
      '0:0:0:0:0:ffff:192.0.2.1',
      '[::ffff:192.0.2.1]:443',
      '192.0.2.1:1234',
    ];
    const last = [
      '198.51.100.7, 192.0.2.1',
      'garbage, 192.0.2.1',
      '127.0.0.1,,192.0.2.1',
      `${'198.51.100.7, '.repeat(500)}192.0.2.1`,
      ' 192.0.2.1 ',
    ];
    const ipv6 = [
      '2001:db8::1',
      '2001:DB8:0:0:ffff:ffff:ffff:ffff',
      '[2001:db8::3]:443',
      '[2001:db8::4]',
      '2001:db8::5%eth0',
      '2001:0db8:0000::0006',
      '2001:db8::192.0.2.1',
    ];
    const odd = [
      '',
      ' ',
      ',',
      'unknown',
      '_hidden',
      '192.0.2.1, unix:',
      '192.0.2.1, unknown',
      '999.1.1.1',
      '192.0.2',
      '192.0.2.1/24',
      '0xc0.0.2.1',
      '192.000.002.001',
      '3221225985',
      '::gg',
      ':::',
      '[::',
      '<script>',
      "1' OR 1=1",
      '192.0.2.1 192.0.2.2',
      'x'.repeat(8000),
      '1.2.3.4;5.6.7.8',
      'localhost',
    ];
    const found: string[] = [];
    const expectAll = async (addresses: readonly string[], expected: string) => {
      for (const address of addresses) {
        const seen = await counted(from(address));
        if (seen !== expected) found.push(`${address.slice(0, 40)}: ${seen}`);
      }
    };
    await expectAll([...ipv4, ...last], '192.0.2.1');
    await expectAll(ipv6, '2001:db8:0:0::/64');
    await expectAll(odd, socket);
    await expectAll(['2001:db8:0:1::1'], '2001:db8:0:1::/64');
    expect(found).toEqual([]);
  });

  it('counts for its own network behind two proxies, and no hop more', async () => {
    door = await openDoor({ environment: { TRUST_PROXY: '2', LIMITS: 'relaxed' } });
    await addAcme(door);
    expect(await counted(from('203.0.113.9, 192.0.2.1, 198.51.100.7'))).toBe('192.0.2.1');
    expect(await counted(from('198.51.100.7'))).toBe('198.51.100.7');
  });

  it('gets around no limit by another spelling', async () => {
    door = await openDoor({ environment: { TRUST_PROXY: '1' } });
    await addAcme(door);
    const ofOne = [
      '::ffff:192.0.2.1',
      '192.0.2.1:1',
      '192.0.2.1:2',
      '[::ffff:c000:0201]',
      '::ffff:c000:201',
      '0:0:0:0:0:ffff:c000:201',
      '1.1.1.1, 192.0.2.1',
      'x, 192.0.2.1',
      '192.0.2.1 ',
      '192.0.2.1',
    ];
    const ofNetwork = Array.from({ length: 10 }, (_, index) => `2001:db8::${index.toString(16)}:${index * 31}`);
    for (const spellings of [ofOne, ofNetwork]) {
      const statuses: number[] = [];
      for (const [index, address] of spellings.entries()) statuses.push(await guess(from(address), `name${index}`));
      expect(statuses).toEqual(spellings.map(() => 401));
      expect(await guess(from(spellings[0] ?? ''), 'another')).toBe(429);
    }
  });
});

const forged: Headers = {
  host: 'evil.test',
  'x-forwarded-host': 'evil.test',
  'x-forwarded-server': 'evil.test',
  'x-host': 'evil.test',
  'x-original-url': '/organization/audit',
  'x-rewrite-url': '/organization/audit',
  'x-forwarded-prefix': '//evil.test',
  'x-forwarded-proto': 'https',
  'x-forwarded-port': '444',
  forwarded: 'for=192.0.2.1;host=evil.test;proto=https',
};

/** Where an answer names the forged host: anywhere but as text to be read. */
function carriers({ headers, body }: WireAnswer): readonly string[] {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? ''].flat().map((line) => `${name}: ${line}`));
  const attributes = body.match(/\s[\w-]+="[^"]*"/g) ?? [];
  return [...lines, ...attributes].filter((text) => text.includes('evil.test'));
}

describe.each(['0', '1'])('a forged host, with TRUST_PROXY=%s', (TRUST_PROXY) => {
  beforeEach(async () => {
    door = await openDoor({ environment: { TRUST_PROXY } });
  });

  it('stands in no header and no link of any page, and makes no cookie Secure', async () => {
    await addAcme(door);
    const olga = await signInAs(door, 'olga');
    const member = [...olga.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const found: string[] = [];
    for (const { method, path } of routerRoutes(door))
      for (const cookie of ['', member]) {
        const answer = await wire(door.base, { method, path, headers: { cookie, ...forged } });
        for (const text of carriers(answer)) found.push(`${method} ${path}: ${text}`);
        for (const line of answer.headers['set-cookie'] ?? []) if (/secure|domain/i.test(line)) found.push(`${method} ${path}: ${line}`);
        if (answer.headers['strict-transport-security'] !== undefined) found.push(`${method} ${path}: HSTS under http`);
      }
    expect(found).toEqual([]);
    const home = await wire(door.base, { path: '/', headers: { ...forged, cookie: member } });
    expect([home.status, home.body.includes('Audit log</h1>')]).toEqual([200, false]);
  });

  it('stands in no mail and no SMS', async () => {
    const { agnes } = await addAcme(door, { twoFactorRequired: true, smsAllowed: true });
    await enroll(door, agnes);
    await giveNumber(door, agnes, '+31612345678');
    await door.database.user.update({ where: { id: agnes }, data: { email: 'agnes@acme.test' } });
    const { origin } = new URL(door.base);
    const browser = door.browser({ ...forged, host: new URL(door.base).host, origin });
    const post = async (path: string, token: string, fields: Headers = {}) => {
      const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const body = new URLSearchParams({ _csrf: token, ...fields }).toString();
      return wire(door.base, { method: 'POST', path, body, headers: { ...forged, origin, cookie } });
    };
    expect((await post('/password/forgot', tokenOn(await browser.get('/password/forgot')), { username: 'agnes' })).status).toBe(303);
    expect(await linksTo(door, 'agnes@acme.test')).toHaveLength(1);
    const challenge = await browser.signIn('agnes', password);
    expect((await post('/two-factor/challenge/sms', tokenOn(challenge))).status).toBe(303);
    expect((await post('/two-factor/lost-phone', tokenOn(challenge))).status).toBe(303);
    const mails = await mailsTo(door, 'agnes@acme.test');
    expect(mails.length).toBeGreaterThan(1);
    for (const { text, html } of mails) expect(`${text}${html}`).not.toMatch(/evil|https:\/\/localhost/);
    const addresses = mails.flatMap(({ text }) => text.match(/https?:\/\/[\w.:-]*\w/g) ?? []);
    expect(new Set(addresses)).toEqual(new Set([origin]));
    expect((await smsTo(door, '+31612345678'))[0]?.text).toMatch(/^@localhost #\d{6}$/m);
  });
});

describe('a connection that is reset behind its post', () => {
  /** Everything is sent, and the connection is gone before anybody answers. */
  const sendAndReset = (path: string, cookie: string, body: string) =>
    new Promise<void>((resolve) => {
      const head = [`POST ${path} HTTP/1.1`, `Host: ${new URL(door.base).host}`, `Cookie: ${cookie}`];
      const typed = ['Content-Type: application/x-www-form-urlencoded', `Content-Length: ${Buffer.byteLength(body)}`];
      const client = connect(Number(new URL(door.base).port), socket);
      client.on('error', () => undefined).once('close', () => resolve());
      client.write([...head, ...typed, '', body].join('\r\n'), () => client.resetAndDestroy());
    });

  it('is counted and put on record under its address', async () => {
    door = await openDoor();
    await addAcme(door);
    const browser = door.browser();
    const token = tokenOn(await browser.get('/login'));
    const cookie = `visitor=${browser.cookies.get('visitor') ?? ''}`;
    const body = new URLSearchParams({ _csrf: token, username: 'agnes', password: 'wrong password' }).toString();
    const onRecord = () => door.database.auditRecord.findMany({ where: { kind: 'password-refused' }, select: { address: true } });
    // Five are free, and a double click would be one: one after the other.
    for (let sent = 0; sent < 5; sent += 1) {
      await sendAndReset('/login', cookie, body);
      while ((await onRecord()).length <= sent) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await onRecord()).toEqual(Array(5).fill({ address: socket }));
    expect(await guess({})).toBe(429);
  });
});

describe('under https, a forged protocol', () => {
  it('takes neither Secure from a cookie nor the header that keeps browsers on https', async () => {
    door = await openDoor({
      environment: { ...underHttps, TRUST_PROXY: '1' },
    });
    const headers = { 'x-forwarded-proto': 'http', forwarded: 'proto=http' };
    const { headers: given } = await wire(door.base, { path: '/login', headers });
    expect(given['strict-transport-security']).toMatch(/max-age=63072000/);
    expect(given['set-cookie']?.join()).toMatch(/^__Host-visitor=[^;]+;.* Secure/);
  });
});
