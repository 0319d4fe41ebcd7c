import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { minutes, seconds } from '../../src/platform/clock.js';
import type { PageSeen } from '../support/browser.js';
import { freePort } from '../support/door.js';
import { password } from '../support/people.js';
import { type Challenged, challengeAddress, smsAddress, SmsDoor } from '../support/sms-challenge.js';
import { certificate, privateKey } from '../support/self-signed.js';
import type { VonageMood } from '../support/vonage.js';

const ours = /The code could not be sent: the SMS service does not work at the moment\. .* Your authenticator app works now\./;
const later = /The code could not be sent: the SMS service does not answer as it should\. .* Your authenticator app works now\./;
const unreachable = /The code could not be sent: your number cannot be reached by SMS\. Your authenticator app works now\./;

const http = (status: number): VonageMood => ({ kind: 'fails', http: status });
const refuses = (status: string): VonageMood => ({ kind: 'refuses', status });
const babbles = (body: string, type?: string): VonageMood => ({ kind: 'babbles', body, ...(type !== undefined && { type }) });
const statuses = (words: RegExp, ...codes: number[]) =>
  codes.map((code) => [`status ${code} in an HTTP 200`, refuses(String(code)), 'REFUSED', words, `status ${code}`] as const);

const faults: readonly (readonly [string, VonageMood, 'REFUSED' | 'UNKNOWN' | 'UNANSWERED', RegExp, string])[] = [
  ['a connection that is reset', { kind: 'resets' }, 'UNANSWERED', later, 'network ECONNRESET'],
  ['HTTP 400', http(400), 'REFUSED', ours, 'HTTP 400'],
  ['HTTP 401', http(401), 'REFUSED', ours, 'HTTP 401'],
  ['HTTP 403', http(403), 'REFUSED', ours, 'HTTP 403'],
  ['HTTP 429', http(429), 'REFUSED', later, 'HTTP 429'],
  ['HTTP 500', http(500), 'UNANSWERED', later, 'HTTP 500'],
  ['HTTP 503', http(503), 'UNANSWERED', later, 'HTTP 503'],
  ['JSON that breaks off', babbles('{"message-count": "1", "messages": [{"st'), 'UNKNOWN', later, 'unreadable answer'],
  ['HTML', babbles('<h1>Welcome to the airport</h1>', 'text/html'), 'UNKNOWN', later, 'unreadable answer'],
  ['nothing in an HTTP 200', babbles(''), 'UNKNOWN', later, 'unreadable answer'],
  ['an empty list of messages', babbles('{"message-count": "0", "messages": []}'), 'UNKNOWN', later, 'unreadable answer'],
  ['an answer without messages', babbles('{"message-count": "1"}'), 'UNKNOWN', later, 'unreadable answer'],
  ['messages that are none', babbles('{"message-count": "1", "messages": [null]}'), 'UNKNOWN', later, 'unreadable answer'],
  ['messages that are no list', babbles('{"messages": "0"}'), 'UNKNOWN', later, 'unreadable answer'],
  ['a message without a status', babbles('{"message-count": "1", "messages": [{}]}'), 'UNKNOWN', later, 'unreadable answer'],
  ['null', babbles('null'), 'UNKNOWN', later, 'unreadable answer'],
  ['a megabyte of spaces', babbles(' '.repeat(1_000_000)), 'UNKNOWN', later, 'unreadable answer'],
  ...statuses(later, 1, 5, 10),
  ...statuses(ours, 2, 3, 4, 8, 9, 11, 12, 14, 15, 22, 23, 29, 32),
  ...statuses(unreachable, 6, 7, 33),
  ...statuses(later, 99),
  ['a status that is a name of JavaScript', refuses('constructor'), 'REFUSED', later, 'status constructor'],
  ['HTTP 302 to elsewhere', { kind: 'redirects', http: 302 }, 'REFUSED', ours, 'HTTP 302'],
  ['HTTP 307 to elsewhere', { kind: 'redirects', http: 307 }, 'REFUSED', ours, 'HTTP 307'],
];

/** A page that says in plain words that nothing was sent, and takes a code from the app. */
function expectRefusal(page: PageSeen, words: RegExp): void {
  expect(page).toMatchObject({ status: 503, path: smsAddress, signedInAs: undefined });
  expect(page.alert).toMatch(words);
  expect(page.alert).not.toMatch(/HTTP|status|ECONN|Vonage|error/i);
  expect(page.$('form[action="/two-factor/challenge"] input[name="code"]')).toHaveLength(1);
  expect(page.testId('send-sms')).toBeDefined();
}

describe('where the SMS provider answers with', () => {
  const log: string[] = [];
  let sms: SmsDoor;
  let agnes: Challenged;
  beforeAll(async () => {
    sms = await SmsDoor.open({ readLog: (line) => void log.push(line) });
    agnes = await sms.challenge();
  });
  beforeEach(async () => {
    await sms.door.database.smsMessage.deleteMany();
    sms.vonage.mood = { kind: 'accepts' };
    log.length = 0;
  });
  afterAll(() => sms.close());

  it.each(faults)('%s, it is asked once, nobody loses a try, and the next SMS goes out at once', async (_, mood, state, words, reason) => {
    sms.vonage.mood = mood;
    const before = sms.vonage.requests.length;
    const refused = await agnes.askForSms();
    expect(sms.vonage.requests.length - before).toBe(1);
    expectRefusal(refused, words);
    expect(await sms.states()).toEqual([state]);
    expect(await sms.door.database.smsCode.count()).toBe(0);
    expect(await sms.door.database.codeTries.count()).toBe(0);
    expect(await sms.door.database.session.findFirst({ select: { failedCodes: true } })).toEqual({ failedCodes: 0 });
    expect((await agnes.look()).testId('sms-sent')).toBeUndefined();
    const line = log.find((each) => each.includes('sms not sent'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ level: words === unreachable ? 30 : 50, user: sms.acme.agnes, country: 'NL', reason });
    sms.vonage.mood = { kind: 'accepts' };
    expect((await agnes.browser.submit(refused, smsAddress)).testId('sms-sent')).toBeDefined();
    expect(await sms.states()).toEqual([state, 'SENT'].sort());
    expect(log.join('')).not.toMatch(/612345678|ending in|is your Gatehouse code/);
    // As a number of its own: the digits of an id may happen to be the same.
    for (const code of sms.vonage.codes.slice(-2)) expect(log.join('')).not.toMatch(new RegExp(`\\b${code}\\b`));
  });

  it.each([
    ['a reset', { kind: 'resets' } as const],
    ['HTTP 500', http(500)],
    ['status 7', refuses('7')],
    ['HTML', babbles('<h1>', 'text/html')],
  ])('%s, a code that arrived before still works', async (_, mood) => {
    const browser = await sms.challenge();
    await browser.askForSms();
    const arrived = sms.vonage.lastCode;
    await sms.door.database.smsMessage.updateMany({ data: { createdAt: new Date(sms.door.clock.now().getTime() - minutes(2)) } });
    sms.vonage.mood = mood;
    const refused = await browser.askForSms();
    expectRefusal(refused, /could not be sent/);
    expect(refused.testId('sms-sent')).toBeDefined();
    expect((await browser.answer(arrived, refused)).signedInAs).toBe('agnes');
  });

  it.each([
    ['a price that no table holds', '9999.999999999'],
    ['a price that is none', 'free'],
  ])('%s, the message went out all the same', async (_, price) => {
    sms.vonage.mood = { kind: 'accepts', price };
    expect((await (await sms.challenge()).askForSms()).testId('sms-sent')).toBeDefined();
    expect(await sms.door.database.smsMessage.findFirst({ select: { state: true, price: true } })).toEqual({ state: 'SENT', price: null });
  });

  it('such a fault, a double click ends as the first did, with the reason', async () => {
    sms.vonage.mood = refuses('7');
    sms.vonage.beforeAnswer = () => new Promise((resolve) => setTimeout(resolve, 200));
    const page = await agnes.look();
    const before = sms.vonage.requests.length;
    const answers = await Promise.all([agnes.browser.submit(page, smsAddress), agnes.browser.submit(page, smsAddress)]);
    sms.vonage.beforeAnswer = undefined;
    for (const answer of answers) expectRefusal(answer, unreachable);
    expect(sms.vonage.requests).toHaveLength(before + 1);
  });

  it('such a fault, reloading the refused post sends nothing', async () => {
    sms.vonage.mood = refuses('5');
    const page = await agnes.look();
    await agnes.browser.submit(page, smsAddress);
    const before = sms.vonage.requests.length;
    sms.vonage.mood = { kind: 'accepts' };
    expectRefusal(await agnes.browser.submit(page, smsAddress), later);
    expect(sms.vonage.requests).toHaveLength(before);
  });
});

describe('where the SMS provider cannot be reached', () => {
  const log: string[] = [];
  /** What is sent through an address where nobody speaks for Vonage. */
  const refusedThrough = async (base: string) => {
    log.length = 0;
    const sms = await SmsDoor.open({ environment: { VONAGE_BASE_URL: base }, readLog: (line) => void log.push(line) });
    const agnes = await sms.challenge();
    expectRefusal(await agnes.askForSms(), later);
    expect(await sms.door.database.smsCode.count()).toBe(0);
    const states = await sms.states();
    expect((await agnes.postForSms(await agnes.look())).status).toBe(503);
    expect((await agnes.answer(sms.door.codeOf(sms.key))).signedInAs).toBe('agnes');
    await sms.close();
    expect(log.join('')).not.toMatch(/612345678|is your Gatehouse code/);
    return states;
  };

  it('because its name does not resolve, nothing was sent and nothing is on the bill', async () => {
    expect(await refusedThrough('https://nowhere.invalid')).toEqual(['REFUSED']);
    expect(log.join('')).toMatch(/network (ENOTFOUND|EAI_AGAIN)/);
  });

  it('because nobody listens, nothing was sent and nothing is on the bill', async () => {
    expect(await refusedThrough(`http://127.0.0.1:${await freePort()}`)).toEqual(['REFUSED']);
    expect(log.join('')).toContain('network ECONNREFUSED');
  });

  it('because its certificate is not to be trusted, nothing was sent and nothing is on the bill', async () => {
    let requests = 0;
    const server = createServer({ key: privateKey, cert: certificate }, () => (requests += 1));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    expect(await refusedThrough(`https://127.0.0.1:${(server.address() as AddressInfo).port}`)).toEqual(['REFUSED']);
    expect(requests).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('where the SMS provider stalls', () => {
  it('it is waited for five seconds, meanwhile everybody else is answered, and nothing is sent twice', async () => {
    const log: string[] = [];
    const sms = await SmsDoor.open({ readLog: (line) => void log.push(line) });
    await sms.addMember({ username: 'boris', phoneNumber: '+31687654321' });
    const [agnes, boris, other] = [await sms.challenge(), await sms.challenge('boris'), await sms.challenge()];
    const answered: string[] = [];
    const begun = performance.now();
    const note = <Page>(name: string, page: Promise<Page>) => page.finally(() => answered.push(name));
    sms.vonage.mood = { kind: 'stalls' };
    const [first, twin] = [agnes.browser.clone(), agnes.browser.clone()].map((window) =>
      note('send', window.submit(agnes.page, smsAddress)),
    );
    while (sms.vonage.requests.length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    sms.vonage.mood = { kind: 'stalls-midway' };
    const midway = note('send', boris.askForSms());
    while (sms.vonage.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    sms.vonage.mood = { kind: 'accepts' };
    await note('page', other.look());
    await note('sign-in', sms.door.browser().signIn('adam', password));
    expect((await note('second tab', other.postForSms())).status).toBe(429);
    const meanwhile = performance.now() - begun;
    for (const page of await Promise.all([first, twin, midway])) if (page) expectRefusal(page, later);
    const taken = performance.now() - begun;
    expect(answered.slice(0, 3)).toEqual(['page', 'sign-in', 'second tab']);
    expect(meanwhile).toBeLessThan(seconds(3));
    expect(taken).toBeGreaterThan(seconds(4.9));
    expect(taken).toBeLessThan(seconds(7));
    expect(sms.vonage.requests).toHaveLength(2);
    expect(await sms.states()).toEqual(['UNANSWERED', 'UNANSWERED']);
    expect(await sms.door.database.smsCode.count()).toBe(0);
    expect(log.filter((line) => line.includes('"reason":"timed out"'))).toHaveLength(2);
    expect((await agnes.askForSms()).testId('sms-sent')).toBeDefined();
    await sms.close();
  });
});

describe('after five outages in a row', () => {
  let sms: SmsDoor;
  let agnes: Challenged;
  beforeEach(async () => {
    sms = await SmsDoor.open();
    agnes = await sms.challenge();
  });
  afterEach(() => sms.close());

  const fail = async (mood: VonageMood, times = 1) => {
    sms.vonage.mood = mood;
    for (let count = 0; count < times; count += 1) expect((await agnes.askForSms()).status).toBe(503);
  };
  const requests = () => sms.vonage.requests.length;

  it('the SMS provider is left alone for a minute, and asked again after that', async () => {
    await fail({ kind: 'resets' }, 2);
    await fail(http(500), 2);
    await fail(http(503));
    sms.vonage.mood = { kind: 'accepts' };
    const refused = await agnes.askForSms();
    expectRefusal(refused, later);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(requests()).toBe(5);
    expect(await sms.states()).toHaveLength(5);
    sms.door.clock.turn(seconds(59));
    expect((await agnes.askForSms()).headers.get('retry-after')).toBe('1');
    sms.door.clock.turn(seconds(1));
    await fail(http(500));
    expect(requests()).toBe(6);
    await fail(http(500));
    expect(requests()).toBe(6);
    sms.door.clock.turn(seconds(60));
    sms.vonage.mood = { kind: 'accepts' };
    expect((await agnes.askForSms()).testId('sms-sent')).toBeDefined();
    sms.door.clock.turn(seconds(60));
    await fail(http(500), 4);
    expect(requests()).toBe(11);
    expect(await agnes.look()).toMatchObject({ path: challengeAddress, status: 200 });
  });

  it.each([
    ['a number that is barred', refuses('7')],
    ['HTTP 401', http(401)],
    ['HTTP 429', http(429)],
  ])('is no time after %s, which ends the row', async (_, refusal) => {
    await fail(refusal, 6);
    expect(requests()).toBe(6);
    await fail(http(500), 4);
    await fail(refusal);
    await fail(http(500), 4);
    expect(requests()).toBe(15);
  });

  it('the authenticator signs in as ever', async () => {
    await fail(http(500), 6);
    expect((await agnes.answer(sms.door.codeOf(sms.key))).signedInAs).toBe('agnes');
  });
});
