/** Each refusal leaves one line, which says when, what, from where and, where that is known, who (OWASP ASVS 5.0, 16.2.1, 16.3.2, 16.3.3). */
import { GateFullError } from '../../src/platform/gate.js';
import { Passwords } from '../../src/users/passwords.service.js';
import type { Browser } from '../support/browser.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { number, SmsDoor, smsAddress } from '../support/sms-challenge.js';
import { receiptOf } from '../support/vonage.js';

const address = '198.51.100.7';
const wrongPassword = 'not the password of anybody';
const deadToken = 'a'.repeat(43);

type Line = Readonly<Record<string, unknown>>;
type Somebody = { readonly browser: Browser; readonly post: (path: string, fields?: Readonly<Record<string, string>>) => Promise<number> };

describe('a refusal', () => {
  const raw: string[] = [];
  const security = () => raw.map((line) => JSON.parse(line) as Line).filter((line) => line['security'] === true);
  let sms: SmsDoor;
  let ids: Readonly<Record<string, string>>;
  let [visitor, agnes, boris, adam]: Somebody[] = [];

  beforeAll(async () => {
    sms = await SmsDoor.open({ environment: { TRUST_PROXY: '1' }, readLog: (line) => void raw.push(line) });
    const { acme, door } = sms;
    const borisId = await sms.addMember({ username: 'boris', phoneNumber: '+31687654321' });
    ids = { ...acme, boris: borisId };
    await addPerson(door, { organizationId: await addOrganization(door, 'Globex'), username: 'eve' });
    visitor = await at(from(), '/login');
    agnes = await at(await passwordOf('agnes'), '/two-factor/challenge');
    boris = await at(await passwordOf('boris'), '/two-factor/challenge');
    adam = await signedIn('adam');
  });
  beforeEach(() => {
    raw.length = 0;
  });
  afterAll(() => sms.close());

  const from = () => sms.door.browser({ 'x-forwarded-for': address });
  const at = async (browser: Browser, path: string): Promise<Somebody> => {
    const _csrf = String((await browser.get(path)).$('input[name="_csrf"]').val());
    const post = async (to: string, fields = {}) => (await browser.send('POST', to, new URLSearchParams({ ...fields, _csrf }))).status;
    return { browser, post };
  };
  const passwordOf = async (username: string) => {
    const browser = from();
    await browser.signIn(username, password);
    return browser;
  };
  const signedIn = async (username: 'adam' | 'agnes') => {
    const key = await enroll(sms.door, sms.acme[username]);
    const browser = await passwordOf(username);
    await browser.submit(await browser.get('/two-factor/challenge'), 'code', { code: sms.door.codeOf(key) });
    return at(browser, '/profile/details');
  };
  const times = async (count: number, act: () => Promise<unknown>) => {
    for (let turn = 0; turn < count; turn += 1) await act();
    raw.length = 0;
  };
  const receipt = (secret: string) =>
    fetch(new URL('/sms/receipts', sms.door.base), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
      body: JSON.stringify(receiptOf(sms.vonage, 'delivered', sms.door.clock.now(), secret)),
    });

  const acts: readonly (readonly [string, () => Promise<unknown>, Line & { readonly msg: string; readonly who?: string }])[] = [
    [
      'a wrong password',
      () => visitor!.post('/login', { username: 'nobody', password: wrongPassword }),
      { msg: 'sign-in refused: wrong username or password' },
    ],
    [
      'a password while that name waits',
      async () => {
        await times(5, () => visitor!.post('/login', { username: 'nobody', password: wrongPassword }));
        await visitor!.post('/login', { username: 'nobody', password: wrongPassword });
      },
      { msg: 'sign-in refused: waiting' },
    ],
    [
      'a password when too many are being compared',
      async () => {
        const check = jest.spyOn(sms.door.app.get(Passwords), 'check').mockRejectedValueOnce(new GateFullError());
        expect(await visitor!.post('/login', { username: 'adam', password })).toBe(503);
        check.mockRestore();
      },
      { msg: 'too much at once refused' },
    ],
    [
      'a link to a new password that is over',
      () => post(`/password/reset`, 'password', deadToken),
      { msg: 'dead link refused', link: 'password' },
    ],
    ['an invitation that is over', () => post('/invitation', 'invitation', deadToken), { msg: 'dead link refused', link: 'invitation' }],
    [
      'a setup link that is over',
      () =>
        visitor!.post(`/setup?token=${deadToken}`, { organizationName: 'X', name: 'X', username: 'xenia', email: 'x@acme.test', password }),
      { msg: 'dead link refused', link: 'setup' },
    ],
    [
      'asking for links too often',
      async () => {
        await times(5, () => visitor!.post('/password/forgot', { username: 'nobody' }));
        expect(await visitor!.post('/password/forgot', { username: 'nobody' })).toBe(429);
      },
      { msg: 'asked for too often' },
    ],
    [
      'a form that is too large',
      () => visitor!.post('/login', { username: 'x'.repeat(20_000) }),
      { msg: 'malformed request refused', status: 413 },
    ],
    [
      'a post from elsewhere',
      () => adam!.browser.send('POST', '/logout', new URLSearchParams(), { origin: 'https://evil.test' }),
      { msg: 'cross-site post refused', by: 'origin', path: '/logout', who: 'adam' },
    ],
    [
      'a post without its token',
      () => adam!.browser.send('POST', '/logout', new URLSearchParams()),
      { msg: 'cross-site post refused', by: 'token', who: 'adam' },
    ],
    ['a wrong code', () => agnes!.post('/two-factor/challenge', { code: sms.wrongCode }), { msg: 'wrong code', inRow: 1, who: 'agnes' }],
    [
      'a wrong recovery code',
      () => agnes!.post('/two-factor/recovery', { recoveryCode: 'A'.repeat(26) }),
      { msg: 'wrong recovery code', who: 'agnes' },
    ],
    [
      'a second SMS within a minute',
      async () => {
        await agnes!.post(smsAddress);
        const elsewhere = await at(await passwordOf('agnes'), '/two-factor/challenge');
        raw.length = 0;
        expect(await elsewhere.post(smsAddress)).toBe(429);
      },
      { msg: 'sms limit reached', limit: 'minute', who: 'agnes' },
    ],
    [
      'an SMS to another country',
      async () => {
        await giveNumber(sms.door, ids['boris']!, '+4915123456789');
        expect(await boris!.post(smsAddress)).toBe(403);
        await giveNumber(sms.door, ids['boris']!, number);
      },
      { msg: 'sms refused', reason: 'country', who: 'boris' },
    ],
    [
      'a code where the second factor is closed',
      async () => {
        const closed = { failedInRow: 20, closedAt: sms.door.clock.now() };
        await sms.door.database.codeTries.create({ data: { userId: ids['boris']!, ...closed } });
        expect(await boris!.post('/two-factor/challenge', { code: '000000' })).toBe(403);
      },
      { msg: 'code refused', because: 'closed', who: 'boris' },
    ],
    ['a receipt that is not signed', () => receipt('another secret'), { msg: 'sms receipt refused', hasSignature: true }],
    [
      'a page of another role',
      async () => {
        await sms.door.database.authenticator.deleteMany({ where: { userId: ids['agnes']! } });
        const { browser } = await signedIn('agnes');
        raw.length = 0;
        expect(await browser.get('/organization/people')).toMatchObject({ status: 403 });
      },
      { msg: 'role refused', path: '/organization/people', who: 'agnes' },
    ],
    [
      'an act on an owner',
      () => adam!.post('/organization/people/olga/deactivate'),
      { msg: 'act on a member refused', action: 'member-deactivate', because: 'not-allowed', by: 'adam' },
    ],
    [
      'an act on a member of another organization',
      () => adam!.post('/organization/people/eve/deactivate'),
      { msg: 'act on a member refused', because: 'not-found', by: 'adam' },
    ],
    [
      'inviting an owner',
      () => adam!.post('/organization/people/invite', { emails: 'new@acme.test', role: 'OWNER' }),
      { msg: 'inviting refused', by: 'adam' },
    ],
    ['a wrong code to step up', () => adam!.post('/step-up', { code: '000000' }), { msg: 'wrong code', who: 'adam' }],
  ];

  /** Opens a link from a mail, as far as it goes, and posts its form all the same. */
  const post = (path: string, kind: string, token: string) =>
    visitor!.post(`${path}?token=${token}`, { kind, token, password, name: 'X', username: 'xenia' });

  it.each(acts)('of %s is one line', async (_, act, { who, by, ...rest }) => {
    await act();
    const idOf = (username: unknown) => ids[String(username)] ?? username;
    const person = { ...(who !== undefined && { user: idOf(who) }), ...(by !== undefined && { by: idOf(by) }) };
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(security()).toEqual([expect.objectContaining({ level: 40, time, address, ...rest, ...person })]);
  });
});
