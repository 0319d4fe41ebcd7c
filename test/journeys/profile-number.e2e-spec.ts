import { minutes, seconds } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { codeTo, mailsTo } from '../support/sent.js';

const details = '/profile/details';
const number = '+31612345678';

let door: Door;
let organizationId: string;
let count = 0;
beforeAll(async () => {
  door = await openDoor();
  organizationId = await addOrganization(door, 'Acme');
});
afterAll(() => door.close());

type Given = { readonly email?: string | null; readonly phoneNumber?: string | null; readonly organization?: string };

/** A member of their own for each test. */
async function addMember({ email, phoneNumber = null, organization = organizationId }: Given = {}) {
  count += 1;
  const username = `member${count}`;
  const id = await addPerson(door, { organizationId: organization, username });
  const address = email === undefined ? `${username}@acme.test` : email;
  await door.database.user.update({ where: { id }, data: { email: address, name: 'Agnes' } });
  if (phoneNumber !== null) await giveNumber(door, id, phoneNumber);
  const stored = () => door.database.user.findUniqueOrThrow({ where: { id }, select: { name: true, email: true, phoneNumber: true } });
  const mails = (to = address ?? '') => mailsTo(door, to).then((sent) => sent.map(({ subject }) => subject));
  return { id, username, email: address, stored, mails };
}

async function signedIn({ username }: { username: string }, at: Door = door): Promise<Browser> {
  const browser = at.browser();
  await browser.signIn(username, password);
  return browser;
}

async function arrive(given: Given = {}) {
  const member = await addMember(given);
  return { ...member, browser: await signedIn(member) };
}

const save = (browser: Browser, fields: Record<string, string>) => browser.visitAndSubmit(details, 'name', fields);
const fieldsOf = (page: PageSeen) =>
  Object.fromEntries(['name', 'email', 'phoneNumber'].map((name) => [name, page.$(`input[name="${name}"]`).val()]));
/** A post that does not come from the form as it is. */
async function post(browser: Browser, body: string): Promise<PageSeen> {
  const token = String((await browser.get(details)).$('input[name="_csrf"]').val());
  const params = new URLSearchParams(body);
  params.set('_csrf', token);
  return browser.send('POST', details, params);
}

describe('a mobile number', () => {
  it.each([
    ['06 12 34 56 78', number, '06 12345678'],
    ['06-12345678', number, '06 12345678'],
    ['0612345678', number, '06 12345678'],
    ['(06)12345678', number, '06 12345678'],
    ['06.12.34.56.78', number, '06 12345678'],
    [' 06/12345678 ', number, '06 12345678'],
    ['+31 6 12345678', number, '06 12345678'],
    ['+31 (0)6 12345678', number, '06 12345678'],
    ['0031612345678', number, '06 12345678'],
    ['+49 1512 3456789', '+4915123456789', '+49 1512 3456789'],
    ['0049 (0)1512 3456789', '+4915123456789', '+49 1512 3456789'],
    ['+1 613-555-0123', '+16135550123', '+1 613 555 0123'],
  ])('is taken as %s, kept as %s and shown as %s, which can be saved again', async (typed, stored, shown) => {
    const member = await arrive();
    const saved = await save(member.browser, { phoneNumber: typed });
    expect(saved).toMatchObject({ path: details, status: 200 });
    expect(saved.notice).toMatch(/saved/);
    expect(fieldsOf(saved)).toMatchObject({ phoneNumber: shown });
    expect(await member.stored()).toMatchObject({ phoneNumber: stored });
    const again = await save(member.browser, {});
    expect(fieldsOf(again)).toMatchObject({ phoneNumber: shown });
    expect(await member.stored()).toMatchObject({ phoneNumber: stored });
    expect(await member.mails()).toEqual(['Your mobile number was changed']);
  });

  it('without a country code is of the country that the installation names', async () => {
    const american = await openDoor({ environment: { DEFAULT_COUNTRY: 'US' }, database: door.database, clock: door.clock });
    const member = await addMember({ phoneNumber: number });
    const browser = await signedIn(member, american);
    const page = await browser.get(details);
    expect(fieldsOf(page)).toMatchObject({ phoneNumber: '+31 6 12345678' });
    const refused = await browser.submit(page, 'name', { phoneNumber: '06 12345678' });
    expect(refused.status).toBe(422);
    expect(refused.alert).toMatch(/such as \+1 201 555 0123, or as it is dialled at home \(United States\)/);
    const saved = await browser.submit(refused, 'name', { phoneNumber: '(201) 555-0123' });
    expect(fieldsOf(saved)).toMatchObject({ phoneNumber: '(201) 555-0123' });
    expect(await member.stored()).toMatchObject({ phoneNumber: '+12015550123' });
    expect((await browser.submit(saved, 'name')).notice).toMatch(/saved/);
    await american.close();
  });

  const impossible =
    /Enter a mobile number that exists: with \+ and the country code, such as \+31 6 12345678, or as it is dialled at home \(Netherlands\)/;
  const noMobile = /takes no SMS\. Enter a mobile number/;
  it('is refused with what to do when no SMS can reach it, keeps what was typed and saves nothing', async () => {
    const member = await arrive({ phoneNumber: number });
    const wrong: [string, RegExp][] = [
      ['06 1234567', impossible],
      ['06 123456789', impossible],
      ['+31 6 1234 567', impossible],
      ['+999 12345678', impossible],
      ['12', impossible],
      ['not a number', impossible],
      ['06 KITTENS', impossible],
      ['06 12345678 ext. 5', impossible],
      ['06 12345678 #5', impossible],
      ['0612345678 or 0687654321', impossible],
      ['<b>"\'', impossible],
      ['020 1234567', noMobile],
      ['+49 30 123456', noMobile],
      ['0900 1884', noMobile],
      ['0800 1234', noMobile],
      ['+1 800 555 0123', noMobile],
      ['+'.repeat(51), /at most 50 characters/],
    ];
    for (const [typed, says] of wrong) {
      const page = await save(member.browser, { name: 'Changed', phoneNumber: typed });
      expect([typed, page.status]).toEqual([typed, 422]);
      expect(page.alert).toMatch(says);
      expect(page.$('title').text()).toMatch(/^Error:/);
      expect(page.$('[role="alert"] a[href="#phoneNumber"]')).toHaveLength(1);
      expect(page.$('#phoneNumber').attr('aria-invalid')).toBe('true');
      expect(fieldsOf(page)).toEqual({ name: 'Changed', email: member.email, phoneNumber: typed });
    }
    expect(await member.stored()).toEqual({ name: 'Agnes', email: member.email, phoneNumber: number });
    expect(await member.mails()).toEqual([]);
  });

  it('is refused with words around it', async () => {
    const member = await arrive();
    for (const typed of ['call 0612345678 now', '06 12345678 (work)', '<script>0612345678', '0612345678abc']) {
      expect([typed, (await save(member.browser, { phoneNumber: typed })).status]).toEqual([typed, 422]);
    }
  });

  it('that is sent twice is refused', async () => {
    const member = await arrive();
    expect((await post(member.browser, 'name=Changed&phoneNumber=0612345678&phoneNumber=0612345678')).status).toBe(422);
    expect((await post(member.browser, 'name=Changed&phoneNumber=&phoneNumber=')).status).toBe(422);
    expect((await post(member.browser, 'name=Changed&email=a%40b.test&email=a%40b.test')).status).toBe(422);
    expect(await member.stored()).toEqual({ name: 'Agnes', email: member.email, phoneNumber: null });
  });

  it('and the address stay as they are after a post that does not speak of them, refused or not', async () => {
    const member = await arrive({ phoneNumber: number });
    const refused = await post(member.browser, 'name=');
    expect(refused.status).toBe(422);
    expect(fieldsOf(refused)).toEqual({ name: '', email: member.email, phoneNumber: '06 12345678' });
    door.clock.turn(minutes(10));
    expect((await post(member.browser, 'name=Changed')).headers.get('location')).toBe(`${details}?saved=yes`);
    expect(await member.stored()).toEqual({ name: 'Changed', email: member.email, phoneNumber: number });
    expect((await post(member.browser, 'name=Again&phoneNumber%5B%5D=1')).status).toBe(422);
    expect(await member.stored()).toMatchObject({ name: 'Changed', phoneNumber: number });
  });

  it('is removed by an empty field', async () => {
    const member = await arrive({ phoneNumber: number });
    expect(fieldsOf(await save(member.browser, { phoneNumber: '  ' }))).toMatchObject({ phoneNumber: '' });
    const row = await door.database.user.findUniqueOrThrow({ where: { id: member.id } });
    expect(row).toMatchObject({ phoneNumber: null, phoneNumberAt: null, phoneVerifiedAt: null });
    expect(await member.mails()).toEqual(['Your mobile number was removed']);
  });

  it('that another platform brought and is no mobile stays while only the name is changed', async () => {
    for (const [phoneNumber, shown] of [
      ['+31201234567', '020 123 4567'],
      ['+15005550006', '+1 500 555 0006'],
      ['+99912345678', '+99912345678'],
    ] as const) {
      const member = await arrive({ phoneNumber });
      door.clock.turn(minutes(10));
      const page = await member.browser.get(details);
      expect(fieldsOf(page)).toMatchObject({ phoneNumber: shown });
      expect((await member.browser.submit(page, 'name', { name: 'Changed' })).notice).toMatch(/saved/);
      expect(await member.stored()).toMatchObject({ name: 'Changed', phoneNumber });
      expect(await member.mails()).toEqual([]);
    }
  });

  it('is not verified any more once it is another one, and stays so when it is saved again', async () => {
    const member = await arrive({ phoneNumber: number });
    const verify = () => door.database.user.update({ where: { id: member.id }, data: { phoneVerifiedAt: door.clock.now() } });
    const facts = () => door.database.user.findUniqueOrThrow({ where: { id: member.id } });
    const { phoneVerifiedAt } = await verify();
    door.clock.turn(seconds(1));
    await save(member.browser, { phoneNumber: '+31 6 12345678' });
    expect((await facts()).phoneVerifiedAt).toEqual(phoneVerifiedAt);
    await save(member.browser, { phoneNumber: '06 87654321' });
    expect(await facts()).toMatchObject({ phoneNumber: '+31687654321', phoneVerifiedAt: null, phoneNumberAt: door.clock.now() });
  });
});

describe('a change of the number or the address, ten minutes after the last proof', () => {
  const prove = (browser: Browser, page: PageSeen) => browser.submit(page, 'password', { password });

  it.each([
    ['a new number', { phoneNumber: '06 87654321' }, { phoneNumber: '+31687654321' }, 'Your mobile number was changed'],
    ['no number', { phoneNumber: '' }, { phoneNumber: null }, 'Your mobile number was removed'],
    ['a new address', { email: 'new@acme.test' }, { email: 'new@acme.test' }, 'Your e-mail address was changed'],
    ['no address', { email: '' }, { email: null }, 'Your e-mail address was changed'],
  ])('is kept over the step-up and saved by it: %s', async (_, typed, stored, subject) => {
    const member = await arrive({ phoneNumber: number });
    const before = await member.stored();
    door.clock.turn(minutes(10));
    const stepUp = await save(member.browser, { name: 'Agnes Bold', ...typed });
    expect(stepUp.path).toBe('/step-up');
    expect(stepUp.text).toMatch(/You are about to change your details/);
    expect(await member.stored()).toEqual(before);
    expect(await member.mails()).toEqual([]);
    const page = await prove(member.browser, stepUp);
    expect(page.path).toBe(details);
    expect(page.notice).toMatch(/are saved/);
    expect(await member.stored()).toEqual({ ...before, name: 'Agnes Bold', ...stored });
    expect(await member.mails()).toEqual([subject]);
    expect((await member.browser.get(details)).notice).toBe('');
  });

  it('asks for a code from who has an authenticator, whenever the password was proven', async () => {
    const member = await addMember();
    const key = await enroll(door, member.id);
    await door.database.user.update({ where: { id: member.id }, data: { choseTwoFactor: true } });
    const browser = door.browser();
    await browser.submit(await browser.signIn(member.username, password), 'code', { code: door.codeOf(key) });
    door.clock.turn(minutes(10) - 1);
    expect((await save(browser, { phoneNumber: '06 12345678' })).path).toBe(details);
    door.clock.turn(1);
    const stepUp = await save(browser, { phoneNumber: '06 87654321' });
    expect(stepUp.path).toBe('/step-up');
    expect((await browser.submit(stepUp, 'code', { code: door.codeOf(key) })).notice).toMatch(/are saved/);
    expect(await member.stored()).toMatchObject({ phoneNumber: '+31687654321' });
  });

  it('needs no proof when it is the name alone', async () => {
    const member = await arrive({ phoneNumber: number });
    door.clock.turn(minutes(60));
    expect((await save(member.browser, { name: 'Agnes Bold' })).notice).toMatch(/are saved/);
    expect(await member.stored()).toMatchObject({ name: 'Agnes Bold' });
  });

  it('is judged before the proof is asked for', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    expect(await save(member.browser, { phoneNumber: '06 1' })).toMatchObject({ path: details, status: 422 });
  });

  it('is kept for its own session, encrypted, and shown to none', async () => {
    const member = await arrive();
    const other = await signedIn(member);
    door.clock.turn(minutes(10));
    const stepUp = await save(member.browser, { name: 'Typed', phoneNumber: '06 12345678' });
    const rows = await door.database.session.findMany({ where: { userId: member.id } });
    expect(JSON.stringify(rows)).not.toMatch(/Typed|12345678/);
    expect(fieldsOf(await member.browser.get(details))).toMatchObject({ name: 'Agnes', phoneNumber: '' });
    // The other session's step-up names a form that is not its own.
    const foreign = await other.get(`/step-up${stepUp.search}`);
    expect(foreign.text).not.toMatch(/change your details/);
    await prove(other, foreign);
    expect(await member.stored()).toMatchObject({ name: 'Agnes', phoneNumber: null });
  });

  it('is finished by its own step-up alone, not by that of another tab', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    const stepUp = await save(member.browser, { phoneNumber: '06 12345678' });
    expect((await prove(member.browser, await member.browser.get('/step-up?returnTo=/profile/security'))).path).toBe('/profile/security');
    expect(await member.stored()).toMatchObject({ phoneNumber: null });
    expect((await prove(member.browser, stepUp)).notice).toMatch(/are saved/);
    expect(await member.stored()).toMatchObject({ phoneNumber: '+31612345678' });
  });

  it('waits as long as a proof lasts', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    const late = await save(member.browser, { phoneNumber: '06 12345678' });
    door.clock.turn(minutes(10));
    const proven = await prove(member.browser, late);
    expect([proven.status, proven.text]).toEqual([422, expect.stringMatching(/Your change was not made/)]);
    expect(proven.$(`a[href="${details}"]`).length).toBeGreaterThan(0);
    expect(await member.stored()).toMatchObject({ phoneNumber: null });
    door.clock.turn(minutes(10));
    const stepUp = await save(member.browser, { phoneNumber: '06 12345678' });
    door.clock.turn(minutes(10) - 1);
    await prove(member.browser, stepUp);
    expect(await member.stored()).toMatchObject({ phoneNumber: '+31612345678' });
  });

  it('is over when another one is typed, and gone once it is finished', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    const first = await save(member.browser, { phoneNumber: '06 12345678' });
    const second = await save(member.browser, { phoneNumber: '06 87654321' });
    await prove(member.browser, first);
    expect(await member.stored()).toMatchObject({ phoneNumber: null });
    await prove(member.browser, second);
    expect(await member.stored()).toMatchObject({ phoneNumber: '+31687654321' });
    expect(await door.database.session.count({ where: { userId: member.id, keptForm: { not: null } } })).toBe(0);
  });

  it.each([1, 2, 3])('is finished once by a step-up that is clicked twice (%s)', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    const stepUp = await save(member.browser, { phoneNumber: '06 12345678' });
    const pages = await Promise.all([prove(member.browser.clone(), stepUp), prove(member.browser.clone(), stepUp)]);
    expect(pages.map(({ path, status }) => [path, status])).toEqual([
      [details, 200],
      [details, 200],
    ]);
    expect(await member.mails()).toEqual(['Your mobile number was changed']);
  });

  it('waits on while the proof is wrong', async () => {
    const member = await arrive();
    door.clock.turn(minutes(10));
    const stepUp = await save(member.browser, { phoneNumber: '06 12345678' });
    const wrong = await member.browser.submit(stepUp, 'password', { password: 'another one entirely' });
    expect(wrong).toMatchObject({ path: '/step-up', status: 401 });
    expect(await member.stored()).toMatchObject({ phoneNumber: null });
    expect((await prove(member.browser, wrong)).notice).toMatch(/are saved/);
  });

  it('does not empty a field that the post did not speak of', async () => {
    const member = await arrive({ phoneNumber: number });
    door.clock.turn(minutes(10));
    const answer = await post(member.browser, 'name=Agnes&email=new%40acme.test');
    const page = await prove(member.browser, await member.browser.get(answer.headers.get('location') ?? ''));
    expect(page.notice).toMatch(/are saved/);
    expect(await member.stored()).toMatchObject({ email: 'new@acme.test', phoneNumber: number });
  });

  it('is typed again when what was kept cannot be read any more', async () => {
    const member = await arrive({ phoneNumber: number });
    door.clock.turn(minutes(10));
    const stepUp = await save(member.browser, { phoneNumber: '06 87654321' });
    await door.database.session.updateMany({ where: { userId: member.id }, data: { keptForm: 'v1.gone.AAAA.AAAA.AAAA' } });
    expect((await prove(member.browser, stepUp)).status).toBe(422);
    expect((await member.browser.get(details)).status).toBe(200);
    expect(await member.stored()).toMatchObject({ phoneNumber: number });
  });
});

describe('a mail about the details', () => {
  it('goes to the old address when number and address change at once', async () => {
    const member = await arrive({ phoneNumber: number });
    await save(member.browser, { email: 'elsewhere@acme.test', phoneNumber: '06 87654321' });
    expect([...(await member.mails())].sort()).toEqual(['Your e-mail address was changed', 'Your mobile number was changed']);
    expect(await member.mails('elsewhere@acme.test')).toEqual([]);
  });

  it('tells the new address of a new number when there was none before', async () => {
    const member = await arrive({ email: null });
    await save(member.browser, { email: 'first@acme.test', phoneNumber: '06 12345678' });
    expect(await member.mails('first@acme.test')).toEqual(['Your mobile number was changed']);
  });

  it.each([1, 2, 3])('goes out once for a Save that is clicked twice (%s)', async () => {
    const member = await arrive({ phoneNumber: number });
    const page = await member.browser.get(details);
    const typed = { email: `${member.username}@twice.test`, phoneNumber: '06 87654321' };
    const answers = await Promise.all([member.browser.submit(page, 'name', typed), member.browser.submit(page, 'name', typed)]);
    expect(answers.map(({ path, status }) => [path, status])).toEqual([
      [details, 200],
      [details, 200],
    ]);
    expect([...(await member.mails())].sort()).toEqual(['Your e-mail address was changed', 'Your mobile number was changed']);
    expect(await member.mails(typed.email)).toEqual([]);
  });
});

describe('a number that was changed', () => {
  it('asks sessions again that were proven by SMS to the one before, and no others, and ends the codes on their way to it', async () => {
    const organization = await addOrganization(door, 'Globex', { twoFactorRequired: true, smsAllowed: true });
    const member = await addMember({ organization, phoneNumber: '+31611111111' });
    const key = await enroll(door, member.id);
    const bySms = async () => {
      door.clock.turn(minutes(1));
      const browser = door.browser();
      const sent = await browser.submit(await browser.signIn(member.username, password), '/two-factor/challenge/sms');
      const page = await browser.submit(sent, 'code', { code: await codeTo(door, '+31611111111') });
      expect(page.signedInAs).toBe(member.username);
      return browser;
    };
    const [first, second] = [await bySms(), await bySms()];
    const byApp = door.browser();
    await byApp.submit(await byApp.signIn(member.username, password), 'code', { code: door.codeOf(key) });
    door.clock.turn(minutes(1));
    const half = door.browser();
    await half.submit(await half.signIn(member.username, password), '/two-factor/challenge/sms');
    const underWay = await codeTo(door, '+31611111111');
    await save(first, { name: 'Agnes Bold' });
    expect((await second.get('/')).signedInAs).toBe(member.username);
    expect((await save(first, { phoneNumber: '06 22222222' })).notice).toMatch(/are saved/);
    expect((await second.get('/')).path).toBe('/two-factor/challenge');
    expect((await byApp.get('/')).signedInAs).toBe(member.username);
    expect((await first.get('/')).signedInAs).toBe(member.username);
    expect((await half.visitAndSubmit('/', 'code', { code: underWay })).status).toBe(401);
    expect(await member.stored()).toMatchObject({ phoneNumber: '+31622222222' });
  });
});
