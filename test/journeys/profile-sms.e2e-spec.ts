import { minutes, seconds } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { codeTo, mailsTo, otherThan, smsTo } from '../support/sent.js';

const security = '/profile/security';
const test = '/profile/number-test';
const send = '/profile/number-test/sms';
const challengeSms = '/two-factor/challenge/sms';

let door: Door;
let acme: string;
let count = 0;
beforeAll(async () => {
  door = await openDoor();
  acme = await addOrganization(door, 'Acme', { twoFactorRequired: true, smsAllowed: true });
});
afterAll(() => door.close());

type Given = { readonly organization?: string; readonly number?: string | null };

/** A member of their own for each test, with a number of their own. */
async function addMember({ organization = acme, number }: Given = {}) {
  count += 1;
  const username = `sms${count}`;
  const id = await addPerson(door, { organizationId: organization, username });
  const email = `${username}@acme.test`;
  await door.database.user.update({ where: { id }, data: { email } });
  const phoneNumber = number === undefined ? `+316100000${String(count).padStart(2, '0')}` : number;
  if (phoneNumber !== null) await giveNumber(door, id, phoneNumber);
  return { id, username, email, number: phoneNumber ?? '', key: await enroll(door, id) };
}
type Member = Awaited<ReturnType<typeof addMember>>;

/** The next code of the app, so that no two sign-ins of a test use the same one. */
async function signIn({ username, key }: Member): Promise<Browser> {
  door.clock.turn(30_000);
  const browser = door.browser();
  const page = await browser.signIn(username, password);
  if (page.path === '/two-factor/challenge') await browser.submit(page, 'code', { code: door.codeOf(key) });
  return browser;
}
async function challenged({ username }: Member): Promise<[Browser, PageSeen]> {
  const browser = door.browser();
  return [browser, await browser.signIn(username, password)];
}
const arrive = async (given: Given = {}) => {
  const member = await addMember(given);
  return { ...member, browser: await signIn(member) };
};

/** Flips the switch on the page and saves. */
async function flip(browser: Browser, isOn: boolean): Promise<PageSeen> {
  const page = await browser.get(security);
  page.$('input[name="smsEnabled"]').removeAttr('checked');
  return browser.submit(page, 'smsEnabled', isOn ? { smsEnabled: 'on' } : {});
}
async function post(browser: Browser, path: string, fields: Record<string, string> = {}): Promise<PageSeen> {
  const token = String((await browser.get(security)).$('input[name="_csrf"]').first().val());
  return browser.send('POST', path, new URLSearchParams({ ...fields, _csrf: token }));
}
const isOn = async ({ id }: Member) => (await door.database.user.findUniqueOrThrow({ where: { id } })).smsEnabled;
const verifiedAt = async ({ id }: Member) => (await door.database.user.findUniqueOrThrow({ where: { id } })).phoneVerifiedAt;
const inRow = async ({ id }: Member) => (await door.database.codeTries.findUnique({ where: { userId: id } }))?.failedInRow ?? 0;
const toggle = (page: PageSeen) => ({
  checked: page.$('#smsEnabled').is(':checked'),
  disabled: page.$('#smsEnabled').is(':disabled'),
});

describe("a member's own switch for codes by SMS", () => {
  it('is on by default, beside the risk', async () => {
    const member = await arrive();
    const page = await member.browser.get(security);
    expect(toggle(page)).toEqual({ checked: true, disabled: false });
    expect(page.testId('no-phone-warning')).toBeUndefined();
    expect(page.text).toContain(`number ending in ${member.number.slice(-2)}`);
    expect(page.text).toMatch(/can be intercepted/);
    expect(page.body).not.toContain(member.number);
    expect(page.$('form[action="/profile/number-test/sms"] button').text()).toContain('Send me a test code');
  });

  it.each([
    ['SMS is not allowed', { twoFactorRequired: true, smsAllowed: false }],
    ['two-factor is not required', {}],
  ])('is disabled with the reason, warns of nothing and is not taken where %s', async (name, policy) => {
    const organization = await addOrganization(door, `Without ${name}`, policy);
    for (const number of [undefined, null]) {
      const member = await arrive({ organization, ...(number === null && { number }) });
      const page = await member.browser.get(security);
      expect(toggle(page)).toEqual({ checked: false, disabled: true });
      expect(page.text).toContain(`Without ${name} does not allow codes by SMS.`);
      expect(page.testId('no-phone-warning')).toBeUndefined();
      expect(page.$(`form[action="${send}"]`)).toHaveLength(0);
      for (const fields of [{}, { smsEnabled: 'on' }]) {
        const refused = await post(member.browser, security, fields);
        expect(refused).toMatchObject({ status: 403, signedInAs: member.username });
        expect(refused.alert).toMatch(/does not allow codes by SMS/);
      }
      expect(await isOn(member)).toBe(true);
      expect((await member.browser.get(test)).path).toBe(security);
      expect((await post(member.browser, send)).status).toBe(403);
    }
  });

  it('warns that there is no number, with the way to Details, and is of no use before', async () => {
    const member = await arrive({ number: null });
    const page = await member.browser.get(security);
    expect(toggle(page)).toEqual({ checked: false, disabled: true });
    expect(page.testId('no-phone-warning')).toMatch(/Acme allows codes by SMS, but there is no mobile number in your profile/);
    expect(page.$('[data-testid="no-phone-warning"] a').attr('href')).toBe('/profile/details');
    for (const fields of [{}, { smsEnabled: 'on' }]) {
      const refused = await post(member.browser, security, fields);
      expect(refused.status).toBe(422);
      expect(refused.alert).toMatch(/Save a mobile number under Details first/);
      expect(refused.$('[role="alert"] a[href="#smsEnabled"]')).toHaveLength(1);
    }
    expect(await isOn(member)).toBe(true);
    expect((await member.browser.get(test)).path).toBe(security);
    expect((await post(member.browser, send)).status).toBe(403);
    expect((await member.browser.visitAndSubmit('/profile/details', 'name', { phoneNumber: '06 19999999' })).notice).toMatch(/saved/);
    expect((await member.browser.get(security)).testId('no-phone-warning')).toBeUndefined();
  });

  it('asks for proof ten minutes after the last one, and changes nothing before', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    const stepUp = await flip(member.browser, false);
    expect(stepUp.path).toBe('/step-up');
    expect(await isOn(member)).toBe(true);
    expect(await mailsTo(door, member.email)).toEqual([]);
    expect(toggle(await member.browser.get(security))).toEqual({ checked: true, disabled: false });
    expect(stepUp.text).toMatch(/You are about to switch codes by SMS off/);
    const done = await member.browser.submit(stepUp, 'code', { code: door.codeOf(member.key) });
    expect(done.path).toBe(security);
    expect(done.notice).toMatch(/Codes by SMS are off/);
    expect(toggle(done)).toEqual({ checked: false, disabled: false });
    expect(await isOn(member)).toBe(false);
    expect((await member.browser.get(security)).notice).toBe('');
  });

  it('needs no proof and tells nobody when it stands so already', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    expect((await flip(member.browser, true)).path).toBe(security);
    expect(await mailsTo(door, member.email)).toEqual([]);
  });

  it('is told by mail, once for a double click', async () => {
    const member = await arrive();
    const page = await member.browser.get(security);
    page.$('input[name="smsEnabled"]').removeAttr('checked');
    await Promise.all([member.browser.submit(page, 'smsEnabled'), member.browser.submit(page, 'smsEnabled')]);
    expect((await mailsTo(door, member.email)).map(({ subject }) => subject)).toEqual(['Codes by SMS were switched off']);
    door.clock.turn(1000);
    expect((await flip(member.browser, true)).notice).toMatch(/Codes by SMS are on/);
    const [newest, ...others] = await mailsTo(door, member.email);
    expect(newest?.subject).toBe('Codes by SMS were switched on');
    expect(others).toHaveLength(1);
  });

  it('is refused when it is sent twice, or as something else', async () => {
    const member = await arrive();
    const token = String((await member.browser.get(security)).$('input[name="_csrf"]').first().val());
    for (const body of ['smsEnabled=on&smsEnabled=on', 'smsEnabled=off', 'smsEnabled=']) {
      const params = new URLSearchParams(`${body}&_csrf=${encodeURIComponent(token)}`);
      expect([body, (await member.browser.send('POST', security, params)).status]).toEqual([body, 422]);
    }
    expect(await isOn(member)).toBe(true);
  });

  it('switched off hides the link on the challenge, and ends the code that is under way and the proofs by SMS', async () => {
    const member = await arrive();
    const [proven, challengePage] = await challenged(member);
    const sent = await proven.submit(challengePage, challengeSms);
    await proven.submit(sent, 'code', { code: await codeTo(door, member.number) });
    expect((await proven.get('/')).signedInAs).toBe(member.username);
    door.clock.turn(minutes(1));
    const [underWay, page] = await challenged(member);
    await underWay.submit(page, challengeSms);
    const code = await codeTo(door, member.number);
    await flip(member.browser, false);
    expect((await proven.get('/')).path).toBe('/two-factor/challenge');
    const before = await underWay.get('/');
    expect(before.testId('send-sms')).toBeUndefined();
    expect((await underWay.submit(before, 'code', { code })).status).toBe(401);
    expect((await underWay.submit(before, 'code', { code })).status).toBe(401);
    await flip(member.browser, true);
    expect((await underWay.visitAndSubmit('/', 'code', { code })).status).toBe(401);
    expect((await underWay.get('/')).testId('send-sms')).toBe('Send code by SMS');
  });

  it('says so where no SMS can be sent, and stays of use', async () => {
    const silent = await openDoor({ environment: { SMS_PROVIDER: 'none' }, database: door.database, clock: door.clock });
    const member = await addMember();
    door.clock.turn(30_000);
    const browser = silent.browser();
    await browser.submit(await browser.signIn(member.username, password), 'code', { code: door.codeOf(member.key) });
    const page = await browser.get(security);
    expect(page.text).toMatch(/No SMS can be sent from this installation/);
    expect(page.$(`form[action="${send}"]`)).toHaveLength(0);
    expect((await flip(browser, false)).notice).toMatch(/Codes by SMS are off/);
    await silent.close();
  });
});

describe('a test code', () => {
  it('is sent once, and the right one verifies the number', async () => {
    const member = await arrive();
    const page = await member.browser.visitAndSubmit(security, send);
    expect(page).toMatchObject({ path: test, status: 200 });
    expect(page.notice).toMatch(new RegExp(`A code was sent .* ending in ${member.number.slice(-2)}`));
    expect(page.text).toMatch(/Send again/);
    expect(page.text).toMatch(/Possible in 60 seconds/);
    for (let look = 0; look < 3; look += 1) await member.browser.get(test);
    expect(await smsTo(door, member.number)).toHaveLength(1);
    expect(await verifiedAt(member)).toBeNull();
    const done = await member.browser.submit(page, 'code', { code: await codeTo(door, member.number) });
    expect(done).toMatchObject({ path: security, status: 200 });
    expect(done.notice).toMatch(/codes by SMS reach you/);
    expect(await verifiedAt(member)).toEqual(door.clock.now());
    expect(done.text).toMatch(/verified 24 November 2026/);
  });

  it('goes out once for a double click', async () => {
    const member = await arrive();
    const page = await member.browser.get(security);
    const answers = await Promise.all([member.browser.submit(page, send), member.browser.submit(page, send)]);
    expect(answers.map(({ path, status }) => `${path} ${status}`)).toEqual([`${test} 200`, `${test} 200`]);
    expect(await smsTo(door, member.number)).toHaveLength(1);
    expect((await member.browser.visitAndSubmit(test, 'code', { code: await codeTo(door, member.number) })).path).toBe(security);
  });

  it('that is right is taken once for a double click on Check code, which counts no wrong one', async () => {
    const member = await arrive();
    const page = await member.browser.visitAndSubmit(security, send);
    const code = { code: await codeTo(door, member.number) };
    const answers = await Promise.all([member.browser.submit(page, 'code', code), member.browser.submit(page, 'code', code)]);
    expect(answers.map(({ path, status }) => `${path} ${status}`)).toEqual([`${security} 200`, `${security} 200`]);
    expect(await inRow(member)).toBe(0);
  });

  it('that is wrong is refused, and counted like any other code', async () => {
    const member = await arrive();
    const page = await member.browser.visitAndSubmit(security, send);
    const code = await codeTo(door, member.number);
    const wrong = await member.browser.submit(page, 'code', { code: otherThan(code) });
    expect(wrong).toMatchObject({ status: 401, signedInAs: member.username });
    expect(wrong.alert).toMatch(/That code is not right/);
    expect(wrong.$('[role="alert"] a[href="#code"]')).toHaveLength(1);
    expect(wrong.body).not.toContain(otherThan(code));
    expect(await inRow(member)).toBe(1);
    expect((await member.browser.submit(page, 'code', { code: '12345' })).status).toBe(422);
    expect(await inRow(member)).toBe(1);
    expect((await member.browser.submit(page, 'code', { code: `${code.slice(0, 3)} ${code.slice(3)}` })).path).toBe(security);
    expect(await inRow(member)).toBe(1);
    door.clock.turn(seconds(10));
    expect((await post(member.browser, test, { code })).status).toBe(422);
    expect(await inRow(member)).toBe(1);
  });

  it('ends the session after five wrong ones, and is taken by nobody while the second factor waits', async () => {
    const member = await arrive();
    const page = await member.browser.visitAndSubmit(security, send);
    const code = await codeTo(door, member.number);
    let answer = page;
    for (let tries = 0; tries < 5; tries += 1) answer = await member.browser.submit(page, 'code', { code: otherThan(code) });
    expect(answer).toMatchObject({ path: '/login', search: '?notice=too-many-codes' });
    expect((await member.browser.get('/')).path).toBe('/login');
    const next = await signIn(member);
    await door.database.codeTries.create({
      data: { userId: member.id, failedInRow: 10, waitingUntil: new Date(door.clock.now().getTime() + minutes(15)) },
    });
    door.clock.turn(minutes(1));
    const refused = await next.visitAndSubmit(security, send);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe(String(14 * 60));
    expect(await smsTo(door, member.number)).toHaveLength(1);
  });

  it('is good for its own session and for no challenge, and the code of a challenge for no test', async () => {
    const member = await arrive();
    const other = await signIn(member);
    await member.browser.visitAndSubmit(security, send);
    const code = await codeTo(door, member.number);
    expect((await post(other, test, { code })).status).toBe(422);
    const [browser, page] = await challenged(member);
    expect((await browser.submit(page, 'code', { code })).status).toBe(401);
    door.clock.turn(minutes(1));
    await browser.visitAndSubmit('/', challengeSms);
    const ofChallenge = await codeTo(door, member.number);
    expect((await post(member.browser, test, { code: ofChallenge })).status).toBe(ofChallenge === code ? 303 : 401);
    expect(await verifiedAt(member)).toBeNull();
    expect((await browser.visitAndSubmit('/', 'code', { code: ofChallenge })).signedInAs).toBe(member.username);
    expect(await verifiedAt(member)).not.toBeNull();
  });

  it('is not taken by the challenge that its own session is led to', async () => {
    const member = await arrive();
    await member.browser.visitAndSubmit(security, send);
    const code = await codeTo(door, member.number);
    await door.database.authenticator.update({
      where: { userId: member.id },
      data: { confirmedAt: new Date(door.clock.now().getTime() + 1) },
    });
    const page = await member.browser.get('/');
    expect(page.path).toBe('/two-factor/challenge');
    expect((await member.browser.submit(page, 'code', { code })).status).toBe(401);
  });

  it('proves no second factor, and ends no row of wrong codes', async () => {
    const member = await arrive();
    await door.database.codeTries.create({ data: { userId: member.id, failedInRow: 7 } });
    door.clock.turn(minutes(10));
    await member.browser.visitAndSubmit(security, send);
    const code = await codeTo(door, member.number);
    const { sessionCookie } = member.browser;
    expect((await member.browser.visitAndSubmit(test, 'code', { code })).notice).toMatch(/reach you/);
    expect(member.browser.sessionCookie).toBe(sessionCookie);
    expect(await inRow(member)).toBe(7);
    const stepUp = await flip(member.browser, false);
    expect(stepUp.path).toBe('/step-up');
    door.clock.turn(minutes(1));
    await member.browser.visitAndSubmit(security, send);
    const another = await codeTo(door, member.number);
    expect((await member.browser.submit(stepUp, 'code', { code: another })).status).toBe(401);
    expect(await isOn(member)).toBe(true);
  });

  it('verifies nothing once the number is another one', async () => {
    const member = await arrive();
    await member.browser.visitAndSubmit(security, send);
    const code = await codeTo(door, member.number);
    await member.browser.visitAndSubmit('/profile/details', 'name', { phoneNumber: '06 18888888' });
    expect((await post(member.browser, test, { code })).status).toBe(401);
    await member.browser.visitAndSubmit('/profile/details', 'name', { phoneNumber: member.number });
    expect((await post(member.browser, test, { code })).status).toBe(401);
    expect(await verifiedAt(member)).toBeNull();
  });

  it('is over after five minutes, and its page then says how to go on', async () => {
    const member = await arrive();
    const page = await member.browser.visitAndSubmit(security, send);
    door.clock.turn(minutes(5));
    const late = await member.browser.submit(page, 'code', { code: await codeTo(door, member.number) });
    expect(late.status).toBe(422);
    expect(late.alert).toMatch(/No test code is under way\. Have one sent/);
    expect(await inRow(member)).toBe(0);
    expect(late.$(`form[action="${send}"]`)).toHaveLength(1);
  });

  it('that is over is refused by an alert that links to something on the page', async () => {
    const member = await arrive();
    const page = await member.browser.visitAndSubmit(security, send);
    door.clock.turn(minutes(5));
    const late = await member.browser.submit(page, 'code', { code: await codeTo(door, member.number) });
    const targets = late
      .$('[role="alert"] a')
      .toArray()
      .map((link) => late.$(link).attr('href') ?? '');
    for (const target of targets) expect(late.$(target)).toHaveLength(1);
  });

  it('is not sent while the second factor is closed, nor right then', async () => {
    const member = await arrive();
    const page = await member.browser.visitAndSubmit(security, send);
    await door.database.codeTries.create({ data: { userId: member.id, failedInRow: 20, closedAt: door.clock.now() } });
    door.clock.turn(minutes(1));
    expect((await member.browser.submit(page, send)).status).toBe(403);
    expect((await member.browser.submit(page, 'code', { code: await codeTo(door, member.number) })).status).toBe(403);
    expect(await smsTo(door, member.number)).toHaveLength(1);
    expect(await verifiedAt(member)).toBeNull();
  });

  it('is worthless once the organization allows no SMS, and stays so when it allows it again', async () => {
    const organization = await addOrganization(door, 'Switching', { twoFactorRequired: true, smsAllowed: true });
    const member = await arrive({ organization });
    await member.browser.visitAndSubmit(security, send);
    const code = await codeTo(door, member.number);
    const allow = (smsAllowed: boolean) =>
      door.database.organization.update({
        where: { id: organization },
        data: { smsAllowed, ...(smsAllowed && { smsAllowedSince: door.clock.now() }) },
      });
    await allow(false);
    const refused = await post(member.browser, test, { code });
    expect([401, 403, 422]).toContain(refused.status);
    door.clock.turn(1);
    await allow(true);
    expect((await post(member.browser, test, { code })).status).toBe(422);
    expect(await verifiedAt(member)).toBeNull();
  });
});
