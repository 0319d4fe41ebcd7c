import { Audit } from '../../src/audit/audit.service.js';
import { AdmissionLinks } from '../../src/auth/admission-links.service.js';
import { BehindAnswer } from '../../src/auth/behind-answer.service.js';
import { PasswordForgotten } from '../../src/auth/password-forgotten.service.js';
import { PasswordGuessing } from '../../src/auth/password-guessing.service.js';
import { unlock } from '../../src/auth/unlock.service.js';
import { CodeTriesStore } from '../../src/mfa/code-tries.store.js';
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import type { Role } from '../../src/sessions/visit.js';
import { Passwords } from '../../src/users/passwords.service.js';
import { UserStore } from '../../src/users/user.store.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { closeToUnknown, fillRow, rowOf } from '../support/guessing.js';
import { linksTo } from '../support/links.js';
import { addOrganization, addPerson, enroll, password } from '../support/people.js';
import { mailsTo } from '../support/sent.js';

const login = '/login';
const askForLink = '/login/link';
const admit = '/login/link/browser';

let door: Door;
let organizationId: string;
beforeAll(async () => {
  door = await openDoor({ environment: { TRUST_PROXY: '1' } });
  organizationId = await addOrganization(door, 'Acme');
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => door.close());

let places = 0;
/** A browser at an address that nobody came from before. */
const stranger = () => {
  places += 1;
  return door.browser({ 'x-forwarded-for': `10.${places >> 8}.${places & 255}.1` });
};
let people = 0;
/** Somebody with an address; each case has people of its own. */
const addMember = async ({ role = 'AGENT', email = true }: { role?: Role; email?: boolean } = {}) => {
  people += 1;
  const username = `person${people}`;
  const id = await addPerson(door, { organizationId, username, role });
  const address = `${username}@acme.test`;
  if (email) await door.database.user.update({ where: { id }, data: { email: address } });
  return { id, username, address };
};
/** A browser in which somebody signed in once, and out. */
const knownTo = async (username: string, browser = stranger()) => {
  const page = await browser.signIn(username, password);
  expect(page.signedInAs).toBe(username);
  await browser.submit(page, '/logout');
  return browser;
};
const statusOf = async (username: string, typed = password, browser = stranger()) => (await browser.signIn(username, typed)).status;
const wrong = 'wrong password';
const records = (kind: string, subject: string) => door.database.auditRecord.count({ where: { kind, subject } });
/** Asks for a link from the page that says no, as a person would. */
const ask = async (username: string, browser = stranger()) => {
  const page = await browser.submit(await browser.signIn(username, password), askForLink);
  await door.app.get(BehindAnswer).settled();
  return page;
};
const sendLink = async ({ username, address }: { username: string; address: string }) => {
  await door.app.get(AdmissionLinks).ask({ username, address: `198.18.0.${(places += 1)}` });
  const [link = ''] = await linksTo(door, address);
  return link;
};
const open = async (link: string, browser = stranger()) => ({ browser, page: await browser.get(link) });
const admitBy = async (link: string, browser = stranger()) => browser.submit(await browser.get(link), admit);

describe('a hundred wrong passwords in a row for a username', () => {
  it('from a hundred addresses close it to unknown browsers, and the member goes on where they signed in before', async () => {
    const { username, address } = await addMember();
    const known = await knownTo(username);
    const statuses: number[] = [];
    const guesser = stranger();
    const token = String((await guesser.get(login)).$('input[name="_csrf"]').val());
    for (let tries = 0; tries < 100; tries += 1) {
      if (tries >= 20) door.clock.turn(minutes(1));
      const form = new URLSearchParams({ _csrf: token, username, password: wrong });
      statuses.push((await guesser.send('POST', login, form, { 'x-forwarded-for': `203.0.113.${tries}` })).status);
    }
    expect(statuses).toEqual(Array<number>(100).fill(401));
    const compared = jest.spyOn(door.app.get(Passwords), 'check');
    const refused = await stranger().signIn(username.toUpperCase(), password);
    expect(refused).toMatchObject({ status: 403, path: login, signedInAs: undefined });
    expect(refused.alert).toMatch(/Too many wrong passwords were tried for this username/);
    expect(refused.text).toMatch(/ask an administrator of your organization/);
    expect(refused.text).toMatch(/gatehouse unlock/);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(compared).not.toHaveBeenCalled();
    expect(await rowOf(door, username)).toEqual({ failed: 100, pending: 0 });

    expect((await known.signIn(username, password)).signedInAs).toBe(username);
    expect(await statusOf(username)).toBe(403);
    await door.app.get(BehindAnswer).settled();
    const told = (await mailsTo(door, address)).filter(({ subject }) => subject === 'Somebody is trying passwords on your account');
    expect(told).toHaveLength(1);
    expect(told[0]?.text).toMatch(/100 wrong passwords in a row/);
    expect(await records('password-closed', username)).toBe(1);
  });

  it('are counted exactly, also when they come at the same moment', async () => {
    const { username } = await addMember();
    await fillRow(door, username, 95);
    const statuses = await Promise.all(Array.from({ length: 50 }, () => statusOf(username, wrong)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 403)).toHaveLength(45);
    expect(await rowOf(door, username)).toEqual({ failed: 100, pending: 0 });
    await door.app.get(BehindAnswer).settled();
    expect(await records('password-closed', username)).toBe(1);
  });

  it('are a row no more after a right one from an unknown browser', async () => {
    const { username } = await addMember();
    await fillRow(door, username, 98);
    expect(await statusOf(username, wrong)).toBe(401);
    expect(await statusOf(username)).toBe(200);
    expect(await rowOf(door, username)).toBeNull();
  });

  it('stay a row after a right one from a known browser, which is not the one that guesses', async () => {
    const { username } = await addMember();
    const known = await knownTo(username);
    await fillRow(door, username, 98);
    expect((await known.signIn(username, password)).signedInAs).toBe(username);
    expect(await statusOf(username, wrong)).toBe(401);
    expect(await statusOf(username, wrong)).toBe(401);
    expect(await statusOf(username)).toBe(403);
  });

  it('are remembered for a year', async () => {
    const { username } = await addMember();
    await fillRow(door, username, 99);
    door.clock.turn(hours(24 * 365) - 1);
    await door.app.get(Sweeper).sweepAll();
    expect(await rowOf(door, username)).not.toBeNull();
    door.clock.turn(1);
    expect(await statusOf(username, wrong)).toBe(401);
    expect(await rowOf(door, username)).toEqual({ failed: 1, pending: 0 });
  });

  it('are ten thousand with LIMITS=relaxed', async () => {
    const { username } = await addMember();
    const { database, clock } = door;
    const copy = await openDoor({ database, clock, environment: { LIMITS: 'relaxed' } });
    await fillRow(door, username, 9_999);
    expect((await copy.browser().signIn(username, wrong)).status).toBe(401);
    expect((await copy.browser().signIn(username, password)).status).toBe(403);
    await copy.close();
  });

  it('are answered alike for a name that nobody has, but for the name', async () => {
    const { username } = await addMember();
    const answers = [];
    for (const name of [username, 'nobody']) {
      await fillRow(door, name, 99);
      const browser = stranger();
      const seen = [await browser.signIn(name, wrong), await browser.signIn(name, password), await ask(name, browser)];
      answers.push(seen.map((page) => likeness(page, name)));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[0]?.map(({ status }) => status)).toEqual([401, 403, 200]);
    expect(await door.database.auditRecord.count({ where: { kind: 'password-closed', subject: null } })).toBe(0);
  });
});

/** All that can be told of an answer, but for the name in it and what is random. */
function likeness({ path, search, status, headers, body }: PageSeen, name: string) {
  const plain = body.replaceAll(name, 'NAME').replace(/name="_csrf" value="[^"]+"/g, 'name="_csrf"');
  return { path, search, status, headers: [...headers.keys()].filter((key) => key !== 'date').sort(), body: plain };
}

describe('a browser in which somebody signed in before', () => {
  it('is not slowed down by strangers at its address, and on its username', async () => {
    const { username } = await addMember();
    const known = await knownTo(username, door.browser({ 'x-forwarded-for': '192.0.2.1' }));
    const office = () => door.browser({ 'x-forwarded-for': '192.0.2.1' });
    const statuses = [];
    for (let tries = 0; tries < 13; tries += 1) statuses.push(await statusOf(tries < 6 ? username : `somebody${tries}`, wrong, office()));
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect(await statusOf(username, password, office())).toBe(429);
    expect((await known.signIn(username, password)).signedInAs).toBe(username);
  });

  it('has five free tries of its own, then waits that double, and takes none of the others away', async () => {
    const { username } = await addMember();
    const known = await knownTo(username);
    const statuses = [];
    for (let tries = 0; tries < 6; tries += 1) statuses.push(await statusOf(username, wrong, known));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    door.clock.turn(seconds(30));
    expect(await statusOf(username, wrong, known)).toBe(401);
    const waiting = await known.signIn(username, password);
    expect([waiting.status, waiting.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await rowOf(door, username)).toBeNull();
    door.clock.turn(seconds(60));
    expect((await known.signIn(username, password)).signedInAs).toBe(username);
  });

  it('counts as unknown after a hundred wrong ones in a row: it may be stolen', async () => {
    const { username } = await addMember();
    const known = await knownTo(username);
    await closeToUnknown(door, username);
    expect(await statusOf(username, wrong, known)).toBe(401);
    await fillRow(door, username, 99, 'device-row');
    expect(await statusOf(username, wrong, known)).toBe(401);
    expect(await statusOf(username, password, known)).toBe(403);
    await door.app.get(PasswordGuessing).forget(username);
    expect((await known.signIn(username, password)).signedInAs).toBe(username);
  });

  it('is known for that username alone', async () => {
    const [{ username }, other] = [await addMember(), await addMember()];
    const known = await knownTo(other.username);
    await closeToUnknown(door, username);
    expect(await statusOf(username, password, known)).toBe(403);
  });

  it('is not one whose cookie somebody made up or changed', async () => {
    const { username } = await addMember();
    const known = await knownTo(username);
    await closeToUnknown(door, username);
    const [id = '', signature = ''] = (known.cookies.get('visitor') ?? '').split('.');
    for (const forged of [id, `${id}.`, `${id}.${'A'.repeat(signature.length)}`, `${id}x.${signature}`]) {
      const thief = stranger();
      thief.cookies.set('visitor', forged);
      expect([forged, await statusOf(username, password, thief)]).toEqual([forged, 403]);
    }
    expect((await known.signIn(username, password)).signedInAs).toBe(username);
  });

  it('is not one that stopped at the second factor', async () => {
    const { id, username } = await addMember();
    await enroll(door, id);
    await door.database.user.update({ where: { id }, data: { choseTwoFactor: true } });
    const browser = stranger();
    const challenge = await browser.signIn(username, password);
    expect(challenge.path).toBe('/two-factor/challenge');
    await browser.submit(challenge, '/logout');
    await closeToUnknown(door, username);
    expect(await statusOf(username, password, browser)).toBe(403);
  });

  it('proves a password for a step-up, and one that is not known does not', async () => {
    const { username } = await addMember();
    const browser = stranger();
    await browser.signIn(username, password);
    await closeToUnknown(door, username);
    door.clock.turn(minutes(10));
    const unknown = browser.clone();
    unknown.cookies.delete('visitor');
    const page = await browser.get('/step-up');
    expect(await unknown.submit(page, 'password', { password })).toMatchObject({ path: '/step-up', status: 403 });
    expect(
      await unknown.visitAndSubmit('/profile/password', 'currentPassword', { currentPassword: password, password: 'x' }),
    ).toMatchObject({
      path: '/profile/password',
      status: 403,
    });
    expect((await browser.submit(page, 'password', { password })).path).toBe('/');
  });
});

describe('a closed username is open again', () => {
  const closed = async (options = {}) => {
    const member = await addMember(options);
    await closeToUnknown(door, member.username);
    expect(await statusOf(member.username)).toBe(403);
    return member;
  };

  it('when the operator unlocks it', async () => {
    const { username } = await closed();
    const { app, database } = door;
    const [users, codeTries] = [app.get(UserStore), app.get(CodeTriesStore)];
    await unlock({ database, users, codeTries, guessing: app.get(PasswordGuessing), audit: app.get(Audit) }, username);
    expect(await statusOf(username)).toBe(200);
  });

  it('when an administrator ends the waits', async () => {
    const { username } = await closed();
    const owner = await addMember({ role: 'OWNER' });
    const browser = stranger();
    await browser.signIn(owner.username, password);
    const people = await browser.get(`/organization/people?q=${username}`);
    expect((await browser.submit(people, `/organization/people/${username}/unlock`)).notice).toMatch(/waits are over/);
    expect(await statusOf(username)).toBe(200);
  });

  it('when the member chose a new password by a link', async () => {
    const { username, address } = await closed();
    await door.app.get(PasswordForgotten).ask({ username, address: '192.0.2.77' });
    const [link = ''] = await linksTo(door, address);
    const { browser, page } = await open(link);
    await browser.submit(page, 'password', { password: 'seven quiet herons wading' });
    expect(await statusOf(username, 'seven quiet herons wading')).toBe(200);
  });

  it('when the member changed the password where they are signed in', async () => {
    const { username } = await addMember();
    const browser = stranger();
    await browser.signIn(username, password);
    await closeToUnknown(door, username);
    const fields = { currentPassword: password, password: 'seven quiet herons wading' };
    expect((await browser.visitAndSubmit('/profile/password', 'currentPassword', fields)).notice).toMatch(/is changed/);
    expect(await statusOf(username, 'seven quiet herons wading')).toBe(200);
  });
});

describe('a link to sign in from another browser', () => {
  const closedMember = async () => {
    const member = await addMember();
    await closeToUnknown(door, member.username);
    return member;
  };

  it('is sent from the page that refuses, admits the browser that goes on, and makes it known by its sign-in', async () => {
    const { username, address } = await closedMember();
    const browser = stranger();
    const sent = await ask(username, browser);
    expect(sent).toMatchObject({ path: askForLink, status: 200 });
    const [mail] = await mailsTo(door, address);
    expect(mail).toMatchObject({ subject: 'Sign in from another browser' });
    expect(mail?.text).toMatch(/10\.\d+\.\d+\.1/);
    expect(mail?.text).toMatch(/somebody is trying passwords on your account/);
    const [link = ''] = await linksTo(door, address);
    expect(link).toMatch(/^\/login\/link\?token=[\w-]{43}$/);
    const page = await browser.get(link);
    expect(page).toMatchObject({ path: askForLink, search: '', status: 200 });
    expect(page.body).not.toContain(link.split('=')[1]);
    expect(await statusOf(username, password, browser.clone())).toBe(403);
    const admitted = await browser.submit(page, admit);
    expect(admitted).toMatchObject({ path: login, status: 200, signedInAs: undefined });
    expect(admitted.notice).toMatch(/may sign in now/);
    expect((await browser.submit(admitted, 'password', { username, password })).signedInAs).toBe(username);
    door.clock.turn(hours(24));
    expect((await browser.signIn(username, password)).signedInAs).toBe(username);
    expect(await statusOf(username)).toBe(403);
    expect([await records('sign-in-link-sent', username), await records('browser-admitted', username)]).toEqual([1, 1]);
  });

  it('leaves the second factor before the door', async () => {
    const { id, username, address } = await closedMember();
    await enroll(door, id);
    await door.database.user.update({ where: { id }, data: { choseTwoFactor: true } });
    const browser = stranger();
    await admitBy(await sendLink({ username, address }), browser);
    expect((await browser.signIn(username, password)).path).toBe('/two-factor/challenge');
  });

  it('stands in the database as a hash', async () => {
    const link = await sendLink(await closedMember());
    const token = link.split('=')[1] ?? '';
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(await door.database.admission.findMany())).not.toContain(token);
  });

  it('admits for half an hour, and counts the tries of that time like those of a known browser', async () => {
    const member = await closedMember();
    const browser = stranger();
    await admitBy(await sendLink(member), browser);
    door.clock.turn(minutes(30) - 1);
    const statuses = [];
    for (let tries = 0; tries < 6; tries += 1) statuses.push(await statusOf(member.username, wrong, browser));
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    door.clock.turn(1);
    expect(await statusOf(member.username, password, browser)).toBe(403);
  });

  it('gives a browser that had its wrong passwords another row', async () => {
    const member = await addMember();
    const browser = await knownTo(member.username);
    await closeToUnknown(door, member.username);
    await statusOf(member.username, wrong, browser);
    await fillRow(door, member.username, 99, 'device-row');
    await statusOf(member.username, wrong, browser);
    expect(await statusOf(member.username, password, browser)).toBe(403);
    await admitBy(await sendLink(member), browser);
    expect((await browser.signIn(member.username, password)).signedInAs).toBe(member.username);
  });

  it('works once, and its double click is answered like the first', async () => {
    const member = await closedMember();
    const link = await sendLink(member);
    const [one, other] = [await open(link), await open(link)];
    const twins = await Promise.all([one.browser.clone(), one.browser.clone()].map((twin) => twin.submit(one.page, admit)));
    expect(twins.map(({ path, status }) => [path, status])).toEqual([
      [login, 200],
      [login, 200],
    ]);
    expect(await other.browser.submit(other.page, admit)).toMatchObject({ path: admit, status: 404 });
    expect(await statusOf(member.username, password, other.browser)).toBe(403);
    expect((await open(link)).page.status).toBe(404);
    expect(await records('browser-admitted', member.username)).toBe(1);
  });

  it('works for 30 minutes, and a newer one takes its place', async () => {
    const member = await closedMember();
    const older = await sendLink(member);
    door.clock.turn(1);
    const newer = await sendLink(member);
    expect((await open(older)).page.status).toBe(404);
    door.clock.turn(minutes(30) - 1);
    const { browser, page } = await open(newer);
    expect(page.status).toBe(200);
    door.clock.turn(1);
    expect((await browser.submit(page, admit)).status).toBe(404);
    expect(await statusOf(member.username, password, browser)).toBe(403);
  });

  it('is not used up by who asked for it while the username was open', async () => {
    const member = await addMember();
    for (let times = 0; times < 12; times += 1) expect(await sendLink(member)).toBe('');
    await closeToUnknown(door, member.username);
    expect(await sendLink(member)).toMatch(/^\/login\/link/);
  });

  it('admits no browser for somebody else whose link was opened in it since', async () => {
    const [member, other] = [await closedMember(), await closedMember()];
    const { browser, page } = await open(await sendLink(member));
    await browser.get(await sendLink(other));
    const late = await browser.submit(page, admit);
    expect([late.status, late.alert]).toEqual([422, expect.stringMatching(/Another link was opened/)]);
    expect(late.text).toContain(other.username);
    expect([await records('browser-admitted', member.username), await records('browser-admitted', other.username)]).toEqual([0, 0]);
    expect((await browser.submit(late, admit)).path).toBe(login);
  });

  it('that is sent later leaves a browser that was admitted as it is', async () => {
    const member = await closedMember();
    const browser = stranger();
    await admitBy(await sendLink(member), browser);
    await sendLink(member);
    expect((await browser.signIn(member.username, password)).signedInAs).toBe(member.username);
  });

  it.each([
    ['has another address', { email: 'elsewhere@acme.test' }],
    ['is deactivated', { deactivatedAt: new Date() }],
  ])('is over once the member %s', async (_, data) => {
    const member = await closedMember();
    const { browser, page } = await open(await sendLink(member));
    await door.database.user.update({ where: { id: member.id }, data });
    expect((await browser.submit(page, admit)).status).toBe(404);
    expect((await browser.get(askForLink)).status).toBe(404);
  });

  it.each(['', '?token=', '?token=short', `?token=${'A'.repeat(43)}`])('is none: %s', async (search) => {
    const page = await stranger().get(askForLink + search);
    expect(page.status).toBe(404);
    expect(page.$(`a[href="${login}"]`)).toHaveLength(1);
  });

  it('is not sent, and answered alike, for a name that is open, that nobody has, and that has no address', async () => {
    const [member, without] = [await addMember(), await addMember({ email: false })];
    await closeToUnknown(door, without.username);
    const form = await closedMember();
    const answers = [];
    for (const username of [member.username, 'nobody at all', without.username]) {
      const browser = stranger();
      const page = await browser.signIn(form.username, password);
      answers.push(likeness(await browser.submit(page, askForLink, { username }), username));
    }
    await door.app.get(BehindAnswer).settled();
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await mailsTo(door, member.address)).toEqual([]);
    expect(await door.database.admission.count({ where: { userId: { in: [member.id, without.id] } } })).toBe(0);
  });

  it('is asked for five times a minute, ten a day and then once an hour for a name, so that nobody floods a mailbox or uses it up', async () => {
    const { username, address } = await closedMember();
    const askNow = () => door.app.get(AdmissionLinks).ask({ username, address: `192.0.2.${(places += 1) % 250}` });
    const asks = async (times: number) => {
      const waits = [];
      for (let asked = 0; asked < times; asked += 1) waits.push(await askNow());
      return waits;
    };
    const free = Array<undefined>(5).fill(undefined);
    expect(await asks(6)).toEqual([...free, 60]);
    door.clock.turn(minutes(1));
    expect(await asks(5)).toEqual(free);
    door.clock.turn(minutes(1));
    expect(await asks(2)).toEqual([undefined, 3600]);
    door.clock.turn(hours(1));
    expect(await asks(2)).toEqual([undefined, 3600]);
    expect(await linksTo(door, address)).toHaveLength(12);
    const late = await ask(username);
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '3600']);
    expect(late.alert).toMatch(/Too many links were asked for/);
  });

  it('is asked for twenty times a minute from an address', async () => {
    const waits = [];
    for (let times = 0; times < 21; times += 1) {
      waits.push(await door.app.get(AdmissionLinks).ask({ username: `name${times}`, address: '198.51.100.1' }));
    }
    expect(waits).toEqual([...Array<undefined>(20).fill(undefined), 60]);
  });

  it('takes one name', async () => {
    const browser: Browser = stranger();
    const token = String((await browser.get(login)).$('input[name="_csrf"]').val());
    for (const body of ['', 'username=', 'username=a&username=b', 'username[$ne]=x', `username=${'x'.repeat(255)}`]) {
      const answer = await browser.send('POST', askForLink, new URLSearchParams(`${body}&_csrf=${encodeURIComponent(token)}`));
      expect([body, answer.status]).toEqual([body, 422]);
    }
    expect((await browser.send('POST', askForLink, new URLSearchParams({ username: 'a' }))).status).toBe(403);
    expect((await browser.send('POST', admit, new URLSearchParams({}))).status).toBe(403);
  });
});

describe('X-Forwarded-For while TRUST_PROXY is 0', () => {
  const warnings = async (environment: Readonly<Record<string, string>>) => {
    const lines: string[] = [];
    const { database, clock } = door;
    const copy = await openDoor({ database, clock, environment, readLog: (line) => void lines.push(line) });
    const said = () => lines.filter((line) => line.includes('TRUST_PROXY')).length;
    await copy.browser().get(login);
    const counts = [said()];
    for (const address of ['192.0.2.1', '192.0.2.2']) {
      await copy.browser({ 'x-forwarded-for': address }).get(login);
      counts.push(said());
    }
    await copy.close();
    return counts;
  };

  it('is warned of once', async () => {
    expect(await warnings({})).toEqual([0, 1, 1]);
    expect(await warnings({ TRUST_PROXY: '1' })).toEqual([0, 0, 0]);
  });
});
