import { createHash, createHmac } from 'node:crypto';
import { after, minutes, seconds } from '../../src/platform/clock.js';
import { signatureOf, type SignedParameters } from '../../src/sms/domain/receipt-signature.js';
import type { Fields } from '../support/browser.js';
import { type Challenged, SmsDoor } from '../support/sms-challenge.js';
import { receiptOf, signatureSecret, VonageDouble, vonageAccount } from '../support/vonage.js';

const address = '/sms/receipts';
const json: Fields = { 'content-type': 'application/json' };

describe('a delivery receipt', () => {
  const log: string[] = [];
  let sms: SmsDoor;
  let agnes: Challenged;
  beforeAll(async () => {
    sms = await SmsDoor.open({ readLog: (line) => void log.push(line) });
    agnes = await sms.challenge();
  });
  beforeEach(async () => {
    log.length = 0;
    sms.vonage.mood = { kind: 'accepts' };
    await sms.door.database.smsMessage.deleteMany();
    await agnes.askForSms();
  });
  afterAll(() => sms.close());

  const now = () => sms.door.clock.now();
  /** Posts what a machine posts: no cookie, no form of ours. */
  const post = async (body: string, headers: Fields = json, path = address): Promise<number> => {
    const response = await fetch(new URL(path, sms.door.base), { method: 'POST', redirect: 'manual', headers, body });
    await response.text();
    expect(response.headers.getSetCookie()).toEqual([]);
    return response.status;
  };
  const postJson = (body: unknown, headers = json) => post(JSON.stringify(body), headers);
  const receipt = (status: string, at = now()) => receiptOf(sms.vonage, status, at);
  const signed = (parameters: SignedParameters) => ({ ...parameters, sig: signatureOf(parameters, signatureSecret) });
  /** The receipt with some of it replaced, signed anew. */
  const resigned = (status: string, part: SignedParameters) => signed({ ...receipt(status), ...part });
  const without = (parameters: SignedParameters, name: string) =>
    Object.fromEntries(Object.entries(parameters).filter(([each]) => each !== name));

  it.each([
    ['delivered', 'DELIVERED'],
    ['failed', 'UNDELIVERED'],
    ['expired', 'UNDELIVERED'],
    ['rejected', 'UNDELIVERED'],
    ['deleted', 'UNDELIVERED'],
    ['accepted', 'SENT'],
    ['buffered', 'SENT'],
    ['unknown', 'SENT'],
    ['', 'SENT'],
    ['constructor', 'SENT'],
  ])('that says "%s" leaves the message %s, and the code works all the same', async (status, state) => {
    expect(await postJson(receipt(status))).toBe(204);
    expect(await sms.states()).toEqual([state]);
    const page = await agnes.look();
    expect(page.testId('sms-undelivered') !== undefined).toBe(state === 'UNDELIVERED');
    expect(page.testId('sms-sent') !== undefined).toBe(state !== 'UNDELIVERED');
    expect(await sms.door.database.smsCode.count()).toBe(1);
  });

  it('that says "not delivered" is shown at the page’s next load, with the app that works now', async () => {
    await postJson(receipt('failed'));
    const page = await agnes.look();
    expect(page.testId('sms-undelivered')).toBe(
      'The SMS of 12:00 UTC to the number ending in 78 was not delivered. Your authenticator app works now.',
    );
    expect(page.testId('send-sms')).toBeDefined();
    expect(JSON.parse(log.find((line) => line.includes('sms not delivered')) ?? '{}')).toMatchObject({ status: 'failed', code: '1' });
    expect(log.join('')).not.toMatch(/612345678/);
  });

  it.each([
    [['delivered', 'delivered'], 'DELIVERED'],
    [['delivered', 'failed'], 'DELIVERED'],
    [['failed', 'delivered'], 'DELIVERED'],
    [['failed', 'failed', 'expired'], 'UNDELIVERED'],
    [['delivered', 'buffered', 'accepted'], 'DELIVERED'],
    [['failed', 'buffered'], 'UNDELIVERED'],
  ])('that comes as %j ends %s', async (statuses, state) => {
    for (const status of statuses) expect(await postJson(receipt(status))).toBe(204);
    expect(await sms.states()).toEqual([state]);
  });

  it('that comes twenty times at once is one', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => postJson(receipt(index % 2 ? 'failed' : 'delivered'))));
    expect(answers).toEqual(Array(20).fill(204));
    expect(await sms.states()).toEqual(['DELIVERED']);
  });

  it('that comes before the provider’s own answer is kept', async () => {
    for (const [status, state] of [
      ['delivered', 'DELIVERED'],
      ['failed', 'UNDELIVERED'],
    ] as const) {
      await sms.door.database.smsMessage.deleteMany();
      let early: number | undefined;
      sms.vonage.beforeAnswer = async () => {
        expect(await sms.states()).toEqual(['SENDING']);
        early = await postJson(receipt(status));
      };
      expect((await agnes.askForSms()).status).toBe(200);
      sms.vonage.beforeAnswer = undefined;
      expect(early).toBe(204);
      expect(await sms.states()).toEqual([state]);
      expect(await sms.door.database.smsMessage.findFirst({ select: { providerId: true, currency: true } })).toEqual({
        providerId: sms.vonage.lastMessageId,
        currency: 'EUR',
      });
    }
  });

  it('tells what became of a message that the provider had not spoken of, and of none that it refused', async () => {
    await sms.door.database.smsMessage.updateMany({ data: { state: 'UNKNOWN' } });
    await postJson(receipt('delivered'));
    expect(await sms.states()).toEqual(['DELIVERED']);
    await sms.door.database.smsMessage.updateMany({ data: { state: 'REFUSED' } });
    expect(await postJson(receipt('delivered'))).toBe(204);
    expect(await sms.states()).toEqual(['REFUSED']);
  });

  it.each([
    ['is missing', (given: SignedParameters) => without(given, 'client-ref')],
    ['is another’s', (given: SignedParameters) => ({ ...given, 'client-ref': '0198c9b6-0000-7000-8000-000000000000' })],
  ])('finds its message by the provider’s name for it where ours %s', async (_, change) => {
    expect(await postJson(signed(change(without(receipt('delivered'), 'sig'))))).toBe(204);
    expect(await sms.states()).toEqual(['DELIVERED']);
  });

  it.each([
    ['is of no message of ours', { 'client-ref': '0198c9b6-0000-7000-8000-000000000000', messageId: '0C00000000000000' }],
    ['names none', { 'client-ref': '', messageId: '' }],
    ['names what is no name', { 'client-ref': "' OR 1=1 --", messageId: '%' }],
  ])('that %s changes nothing', async (_, part) => {
    expect(await postJson(resigned('delivered', part))).toBe(204);
    expect(await sms.states()).toEqual(['SENT']);
  });

  it('without any name changes nothing', async () => {
    const nameless = without(without(receipt('delivered'), 'client-ref'), 'messageId');
    expect(await postJson(signed(without(nameless, 'sig')))).toBe(204);
    expect(await sms.states()).toEqual(['SENT']);
  });

  it('is signed over its values with & and = made harmless', async () => {
    expect(await postJson(resigned('delivered', { to: 'A&B=C&status=failed' }))).toBe(204);
    expect(await sms.states()).toEqual(['DELIVERED']);
  });

  it('may have its signature in capitals, and numbers for values', async () => {
    const given = receipt('delivered');
    expect(await postJson({ ...given, sig: given['sig']?.toUpperCase(), timestamp: Number(given['timestamp']) })).toBe(204);
    expect(await sms.states()).toEqual(['DELIVERED']);
  });

  it('needs no form of ours, and does not care where it seems to come from', async () => {
    expect(await postJson(receipt('delivered'), { ...json, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).toBe(204);
    expect(await postJson(receipt('failed'), { ...json, cookie: 'gatehouse=nonsense; visitor=nonsense' })).toBe(204);
    expect(await sms.states()).toEqual(['DELIVERED']);
  });

  describe('is refused, and changes nothing, with', () => {
    const seconds0 = () => Math.floor(now().getTime() / 1000);
    const unsigned = () => without(receipt('delivered'), 'sig');
    const textOf = (parameters: SignedParameters) =>
      Object.keys(parameters)
        .sort()
        .map((name) => `&${name}=${parameters[name]}`)
        .join('');

    it.each<[string, () => unknown]>([
      ['another secret', () => receiptOf(sms.vonage, 'delivered', now(), 'another secret')],
      ['the secret of the API', () => receiptOf(sms.vonage, 'delivered', now(), vonageAccount.VONAGE_API_SECRET)],
      ['no secret', () => receiptOf(sms.vonage, 'delivered', now(), '')],
      ['a status that was changed', () => ({ ...receipt('buffered'), status: 'delivered' })],
      ['another message’s name', () => ({ ...receipt('delivered'), 'client-ref': '0198c9b6-0000-7000-8000-000000000000' })],
      ['a parameter more', () => ({ ...receipt('delivered'), extra: '1' })],
      ['a parameter less', () => without(receipt('delivered'), 'price')],
      ['no signature', unsigned],
      ['an empty signature', () => ({ ...unsigned(), sig: '' })],
      ['half a signature', () => ({ ...receipt('delivered'), sig: receipt('delivered')['sig']?.slice(0, 32) })],
      ['a signature of other characters', () => ({ ...unsigned(), sig: 'é'.repeat(32) })],
      ['a signature that is a list', () => ({ ...unsigned(), sig: [receipt('delivered')['sig']] })],
      [
        'a signature by MD5 with the secret behind',
        () => ({
          ...unsigned(),
          sig: createHash('md5')
            .update(`${textOf(unsigned())}${signatureSecret}`)
            .digest('hex'),
        }),
      ],
      [
        'a signature by SHA-512',
        () => ({ ...unsigned(), sig: createHmac('sha512', signatureSecret).update(textOf(unsigned())).digest('hex') }),
      ],
      ['an old time', () => receipt('delivered', after(now(), -minutes(5) - seconds(1)))],
      ['a time to come', () => receipt('delivered', after(now(), minutes(5) + seconds(1)))],
      ['no time', () => signed(without(unsigned(), 'timestamp'))],
      ['an empty time', () => signed({ ...unsigned(), timestamp: '' })],
      ['a time that is no number', () => signed({ ...unsigned(), timestamp: 'now' })],
      ['a time with a fraction', () => signed({ ...unsigned(), timestamp: `${seconds0()}.5` })],
      ['a time in milliseconds', () => signed({ ...unsigned(), timestamp: String(now().getTime()) })],
      ['a nested value', () => ({ ...receipt('delivered'), status: { toString: 'delivered' } })],
      ['a value that is a list', () => ({ ...receipt('delivered'), status: ['delivered'] })],
      ['a value that is null', () => ({ ...receipt('delivered'), price: null })],
      ['a list of receipts', () => [receipt('delivered')]],
      ['an empty list', () => []],
      ['nothing in it', () => ({})],
    ])('%s', async (_, body) => {
      expect(await postJson(body())).toBe(403);
      expect(await sms.states()).toEqual(['SENT']);
      expect(log.join('')).toContain('sms receipt refused');
    });
  });

  it('is taken up to five minutes before and after its time', async () => {
    for (const at of [after(now(), -minutes(5)), after(now(), minutes(5) - seconds(1))])
      expect(await postJson(receipt('delivered', at))).toBe(204);
  });

  it.each<[string, number, () => [string, Fields]]>([
    ['JSON that breaks off', 400, () => ['{"status": "deliv', json]],
    ['a word of JSON', 400, () => ['"delivered"', json]],
    ['null', 400, () => ['null', json]],
    ['no body', 403, () => ['', json]],
    ['a body of more than 16 KB', 413, () => [JSON.stringify({ ...receipt('delivered'), extra: 'x'.repeat(17_000) }), json]],
    ['a deep body', 403, () => [`${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`, json]],
    ['a form', 403, () => [new URLSearchParams(receipt('delivered')).toString(), { 'content-type': 'application/x-www-form-urlencoded' }]],
    ['plain text', 403, () => [JSON.stringify(receipt('delivered')), { 'content-type': 'text/plain' }]],
    [
      'a character set that nobody knows',
      415,
      () => [JSON.stringify(receipt('delivered')), { 'content-type': 'application/json; charset=klingon' }],
    ],
    ['a body that is packed', 415, () => [JSON.stringify(receipt('delivered')), { ...json, 'content-encoding': 'gzip' }]],
    ['a prototype', 403, () => ['{"__proto__": {"sig": "x"}, "constructor": "x"}', json]],
  ])('that is %s is refused with %i', async (_, status, given) => {
    expect(await post(...given())).toBe(status);
    expect(await sms.states()).toEqual(['SENT']);
    expect(log.filter((line) => line.includes('request failed'))).toEqual([]);
  });

  it('with a slash behind its address is refused or taken, but never breaks', async () => {
    const response = await fetch(new URL(`${address}/`, sms.door.base), {
      method: 'POST',
      headers: json,
      body: JSON.stringify(receipt('delivered')),
    });
    expect(response.status).toBeLessThan(500);
    await response.text();
  });

  it('has an address that answers whoever looks whether it is there, and shows nothing', async () => {
    const page = await sms.door.browser().get(address);
    expect(page).toMatchObject({ status: 200, body: 'Delivery receipts are posted here.' });
    expect(page.headers.get('content-type')).toMatch(/^text\/plain/);
    expect((await sms.door.browser().send('PUT', address)).status).toBe(404);
  });
});

describe('delivery receipts', () => {
  it('are not there without the secret that signs them, and none is asked for', async () => {
    const sms = await SmsDoor.open({ environment: { VONAGE_SIGNATURE_SECRET: '' } });
    const agnes = await sms.challenge();
    await agnes.askForSms();
    expect(sms.vonage.requests.at(-1)).toMatchObject({ 'status-report-req': false });
    for (const secret of [signatureSecret, '', 'undefined']) {
      const body = JSON.stringify(receiptOf(sms.vonage, 'delivered', sms.door.clock.now(), secret));
      const response = await fetch(new URL(address, sms.door.base), { method: 'POST', headers: json, body });
      expect(response.status).toBe(404);
      await response.text();
    }
    expect((await sms.door.browser().get(address)).status).toBe(404);
    expect(await sms.states()).toEqual(['SENT']);
    await sms.close();
  });

  it('are not there where the outbox takes the messages', async () => {
    const sms = await SmsDoor.open({ environment: { SMS_PROVIDER: 'outbox' } });
    const body = JSON.stringify(receiptOf(new VonageDouble(), 'delivered', sms.door.clock.now()));
    expect((await fetch(new URL(address, sms.door.base), { method: 'POST', headers: json, body })).status).toBe(404);
    await sms.close();
  });

  it('and prices make the month’s table: states by country, and the sum by currency', async () => {
    const sms = await SmsDoor.open();
    const { database, clock } = sms.door;
    await database.organization.update({ where: { id: sms.acme.organizationId }, data: { smsCountries: ['NL', 'DE'] } });
    const members = [
      ['boris', '+31611111111', 'delivered', '0.07250000'],
      ['claire', '+31622222222', 'failed', '0.07250000'],
      ['dieter', '+4915123456789', 'delivered', '0.06000001'],
      ['ernst', '+4915123456780', undefined, 'free'],
    ] as const;
    for (const [username, phoneNumber, status, price] of members) {
      await sms.addMember({ username, phoneNumber });
      sms.vonage.mood = { kind: 'accepts', price };
      await (await sms.challenge(username)).askForSms();
      if (!status) continue;
      const body = JSON.stringify(receiptOf(sms.vonage, status, clock.now()));
      expect((await fetch(new URL(address, sms.door.base), { method: 'POST', headers: json, body })).status).toBe(204);
    }
    sms.vonage.mood = { kind: 'refuses', status: '9' };
    await (await sms.challenge()).askForSms();
    sms.vonage.mood = { kind: 'fails', http: 500 };
    await (await sms.challenge()).askForSms();
    await sms.addMessages({ count: 3, at: new Date('2026-10-31T23:59:59Z') });
    await database.smsMessage.updateMany({ where: { country: 'DE', price: null }, data: { price: '1.5', currency: 'USD' } });
    const { $ } = await (await sms.owner()).get('/organization/configuration');
    const rows = $('[data-testid=sms-month] tbody tr').toArray();
    const cells = rows.map((row) =>
      $(row)
        .find('th, td')
        .toArray()
        .map((cell) => $(cell).text().trim()),
    );
    expect(cells).toEqual([
      ['Germany', '2', '1', '0', '0', '0'],
      ['Netherlands', '3', '1', '1', '1', '1'],
    ]);
    expect($('[data-testid=sms-month]').text()).toMatch(/Cost as the provider gave it: EUR 0\.2050, USD 1\.5000\./);
    await sms.close();
  });
});
