import { PasswordForgotten } from '../../src/auth/password-forgotten.service.js';
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import { Passwords } from '../../src/users/passwords.service.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme, enroll, password } from '../support/people.js';
import { mailsTo } from '../support/sent.js';
import { signInUnderWay } from '../support/sign-in-under-way.js';

const change = '/profile/password';
const forgot = '/password/forgot';
const reset = '/password/reset';
const address = 'agnes@acme.test';
const fresh = 'seven quiet herons wading';
const other = 'nine loud ravens dancing';

let door: Door;
let acme: Awaited<ReturnType<typeof addAcme>>;
beforeEach(async () => {
  door = await openDoor();
  acme = await addAcme(door);
  await door.database.user.update({ where: { id: acme.agnes }, data: { email: address } });
});
afterEach(() => door.close());

const signIn = async (typed = password, username = 'agnes') => {
  const browser = door.browser();
  return { browser, page: await browser.signIn(username, typed) };
};
const signsIn = async (typed: string) => (await signIn(typed)).page.signedInAs === 'agnes';
const subjects = async () => (await mailsTo(door, address)).map(({ subject }) => subject);
const changeTo = (browser: Browser, fields: { currentPassword?: string; password?: string }, page?: PageSeen) => {
  const values = { currentPassword: password, password: fresh, ...fields };
  return page ? browser.submit(page, 'currentPassword', values) : browser.visitAndSubmit(change, 'currentPassword', values);
};
const kinds = async () => (await door.database.auditRecord.findMany()).map(({ kind, outcome }) => `${kind} ${outcome}`);

describe('changing the password', () => {
  it('takes the current one and a new one, ends every other session, and gives this one another cookie', async () => {
    const others = [await signIn(), await signIn()];
    const { browser } = await signIn();
    const before = browser.sessionCookie;
    const page = await changeTo(browser, {});
    expect(page).toMatchObject({ path: change, status: 200, signedInAs: 'agnes' });
    expect(page.notice).toMatch(/Your password is changed/);
    expect(browser.sessionCookie).not.toBe(before);
    for (const one of others) expect((await one.browser.get('/')).path).toBe('/login');
    expect([await signsIn(password), await signsIn(fresh)]).toEqual([false, true]);
    expect(await subjects()).toContain('Your password was changed');
    expect(await kinds()).toContain('password-changed DONE');
  });

  it('ends a session that stands at the challenge, too', async () => {
    const key = await enroll(door, acme.agnes);
    await door.database.user.update({ where: { id: acme.agnes }, data: { choseTwoFactor: true } });
    const thief = await signIn();
    expect(thief.page.path).toBe('/two-factor/challenge');
    const { browser, page } = await signIn();
    await browser.submit(page, 'code', { code: door.codeOf(key) });
    expect((await changeTo(browser, {})).notice).toMatch(/is changed/);
    expect((await thief.browser.get('/two-factor/challenge')).path).toBe('/login');
  });

  it.each([
    ['a wrong current one', { currentPassword: 'not this one' }, 401, /not your current password/],
    ['no current one', { currentPassword: '' }, 422, /Enter your current password/],
    ['no new one', { password: '' }, 422, /Choose a new password/],
    ['a short one', { password: 'short' }, 422, /at least 12 characters/],
    ['a common one', { password: 'password1234' }, 422, /tried first/],
    ['names', { password: 'acme agnes acme' }, 422, /Names/],
    ['the same again', { password }, 422, /your password already/],
  ])('refuses %s', async (_, fields, status, alert) => {
    const { browser } = await signIn();
    const page = await changeTo(browser, fields);
    expect(page.status).toBe(status);
    expect(page.alert).toMatch(alert);
    expect(page.$('input[type="password"][value]')).toHaveLength(0);
    expect(await signsIn(password)).toBe(true);
  });

  it('counts wrong current passwords like those of a sign-in', async () => {
    const { browser } = await signIn();
    const page = await browser.get(change);
    for (let tries = 0; tries < 5; tries += 1)
      expect((await changeTo(browser, { currentPassword: 'not this one' }, page)).status).toBe(401);
    const late = await changeTo(browser, {}, page);
    expect(late.status).toBe(429);
    expect(late.headers.get('retry-after')).toBe('30');
  });

  it('asks for a code first, ten minutes after the last one, from who has an authenticator', async () => {
    const key = await enroll(door, acme.agnes);
    await door.database.user.update({ where: { id: acme.agnes }, data: { choseTwoFactor: true } });
    const { browser, page } = await signIn();
    await browser.submit(page, 'code', { code: door.codeOf(key) });
    const form = await browser.get(change);
    door.clock.turn(minutes(10));
    expect((await changeTo(browser, {}, form)).path).toBe('/step-up');
    const stepUp = await browser.get(change);
    expect(stepUp.path).toBe('/step-up');
    const proven = await browser.submit(stepUp, 'code', { code: door.codeOf(key) });
    expect(proven.path).toBe(change);
    expect((await changeTo(browser, {}, proven)).notice).toMatch(/is changed/);
  });

  it('that is clicked twice ends as if clicked once', async () => {
    const { browser } = await signIn();
    const page = await browser.get(change);
    const answers = await Promise.all([changeTo(browser, {}, page), changeTo(browser, {}, page)]);
    expect(answers.map(({ path, status }) => [path, status])).toEqual([
      [change, 200],
      [change, 200],
    ]);
    expect((await subjects()).filter((subject) => subject === 'Your password was changed')).toHaveLength(1);
    expect((await browser.get('/')).signedInAs).toBe('agnes');
  });

  it('in two tabs to two passwords holds for one of them', async () => {
    const { browser } = await signIn();
    const [one, two] = [await browser.get(change), await browser.get(change)];
    await Promise.all([changeTo(browser.clone(), {}, one), changeTo(browser.clone(), { password: other }, two)]);
    expect([await signsIn(password), (await signsIn(fresh)) !== (await signsIn(other))]).toEqual([false, true]);
  });
});

describe('a forgotten password', () => {
  const ask = async (username: string, browser = door.browser()) => {
    const page = await browser.visitAndSubmit(forgot, 'username', { username });
    await door.app.get(PasswordForgotten).settled();
    return page;
  };

  it('leads from the sign-in page to a link by mail, and the link to a new password', async () => {
    const { browser, page } = await signIn('not this one');
    expect(page.$(`a[href="${forgot}"]`)).toHaveLength(1);
    expect(await ask(' AGNES ', browser)).toMatchObject({ path: forgot, status: 200 });
    const [mail] = await mailsTo(door, address);
    expect(mail?.text).toMatch(/127\.0\.0\.1/);
    const [link = ''] = await linksTo(door, address);
    const form = await browser.get(link);
    expect(form).toMatchObject({ path: reset, search: '', status: 200 });
    const done = await browser.submit(form, 'password', { password: fresh });
    expect(done).toMatchObject({ path: '/login', status: 200 });
    expect(done.signedInAs).toBeUndefined();
    expect(done.notice).toMatch(/new password is saved/);
    expect([await signsIn(password), await signsIn(fresh)]).toEqual([false, true]);
    expect(await subjects()).toContain('Your password was changed');
    expect(await kinds()).toEqual(expect.arrayContaining(['password-link-sent DONE', 'password-reset DONE']));
  });

  it('is answered alike for who exists, who does not, who has no address, and who is deactivated', async () => {
    await door.database.user.update({ where: { id: acme.adam }, data: { email: 'adam@acme.test', deactivatedAt: door.clock.now() } });
    const answers: unknown[] = [];
    for (const username of ['agnes', 'nobody', 'olga', 'adam']) {
      const browser = door.browser();
      const form = await browser.get(forgot);
      const token = String(form.$('input[name="_csrf"]').val());
      const answer = await browser.send('POST', forgot, new URLSearchParams({ _csrf: token, username }));
      answers.push([answer.status, answer.headers.get('location'), answer.body, [...answer.headers.keys()].sort().join()]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await door.app.get(PasswordForgotten).settled();
    expect(await linksTo(door, address)).toHaveLength(1);
    expect(await mailsTo(door, 'adam@acme.test')).toEqual([]);
    expect(await door.database.resetLink.count()).toBe(1);
  });

  it('is asked for five times a minute for a name, whether somebody has it or not', async () => {
    for (const username of ['agnes', 'nobody']) {
      for (let times = 0; times < 5; times += 1) expect((await ask(username)).status).toBe(200);
      const late = await ask(username);
      expect(late.status).toBe(429);
      expect(late.headers.get('retry-after')).toBe('60');
      expect(late.alert).toMatch(/Try again in 60 seconds/);
    }
    door.clock.turn(minutes(1));
    expect((await ask('agnes')).status).toBe(200);
    expect(await linksTo(door, address)).toHaveLength(6);
  });

  it('is asked for ten times a day for a name and then once an hour, so that nobody floods a mailbox or uses it up', async () => {
    for (let times = 0; times < 10; times += 1) {
      if (times === 5) door.clock.turn(minutes(1));
      expect((await ask('agnes')).status).toBe(200);
    }
    door.clock.turn(minutes(1));
    expect((await ask('agnes')).status).toBe(200);
    const late = await ask('agnes');
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '3600']);
    door.clock.turn(hours(1));
    expect((await ask('agnes')).status).toBe(200);
    expect(await linksTo(door, address)).toHaveLength(12);
  });

  it('is asked for twenty times a minute from an address', async () => {
    for (let times = 0; times < 20; times += 1) expect((await ask(`somebody${times}`)).status).toBe(200);
    expect((await ask('agnes')).status).toBe(429);
  });

  it.each([
    ['nothing', '', 422],
    ['a name that is too long', 'x'.repeat(255), 422],
  ])('is refused with %s', async (_, username, status) => {
    expect(await ask(username)).toMatchObject({ status, path: forgot });
  });

  it('takes no list of names', async () => {
    const browser = door.browser();
    const token = String((await browser.get(forgot)).$('input[name="_csrf"]').val());
    for (const body of ['username=agnes&username=olga', 'username[]=agnes', 'username[$ne]=x']) {
      const answer = await browser.send('POST', forgot, new URLSearchParams(`${body}&_csrf=${encodeURIComponent(token)}`));
      expect([body, answer.status]).toEqual([body, 422]);
    }
    expect(await door.database.rateCount.count()).toBe(0);
  });
});

describe('a link for a new password', () => {
  const sendLink = async () => {
    await door.app.get(PasswordForgotten).ask({ username: 'agnes', address: '192.0.2.1' });
    const [link = ''] = await linksTo(door, address);
    return link;
  };
  const open = async (link: string) => {
    const browser = door.browser();
    return { browser, page: await browser.get(link) };
  };
  const choose = async (link: string, chosen = fresh) => {
    const { browser, page } = await open(link);
    return page.status === 200 ? browser.submit(page, 'password', { password: chosen }) : page;
  };

  it('stands in the database as a hash', async () => {
    const link = await sendLink();
    const token = new URLSearchParams(link.split('?')[1]).get('token') ?? '';
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(JSON.stringify(await door.database.resetLink.findMany())).not.toContain(token);
  });

  it('is over once the member has another address: the old one may be in other hands', async () => {
    const link = await sendLink();
    const opened = await open(link);
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: 'agnes@new.test' } });
    expect((await open(link)).page.status).toBe(404);
    expect((await opened.browser.submit(opened.page, 'password', { password: fresh })).status).toBe(404);
    expect([await signsIn(password), await signsIn(fresh)]).toEqual([true, false]);
  });

  it('is not used up by being opened, by whomever and however often', async () => {
    const link = await sendLink();
    expect((await door.browser().send('GET', link)).status).toBe(303);
    await open(link);
    const { browser, page } = await open(link);
    expect((await browser.submit(await browser.get(reset), 'password', { password: 'short' })).status).toBe(422);
    expect((await browser.submit(page, 'password', { password: fresh })).path).toBe('/login');
  });

  it('moves its token out of the address, and takes a post that still carries it there', async () => {
    const link = await sendLink();
    const { browser, page } = await open(link);
    expect(page.search).toBe('');
    expect(page.body).not.toContain(link.split('=')[1]);
    const token = String(page.$('input[name="_csrf"]').val());
    const plain = browser.clone();
    plain.cookies.delete('link');
    expect((await plain.send('POST', link, new URLSearchParams({ _csrf: token, password: fresh }))).status).toBe(303);
    expect(await signsIn(fresh)).toBe(true);
  });

  it('works once', async () => {
    const link = await sendLink();
    expect((await choose(link)).path).toBe('/login');
    door.clock.turn(minutes(1));
    expect((await choose(link, other)).status).toBe(404);
    expect(await signsIn(fresh)).toBe(true);
  });

  it('works for 30 minutes', async () => {
    const [late, link] = [await sendLink(), await sendLink()];
    door.clock.turn(minutes(30) - 1);
    expect((await open(link)).page.status).toBe(200);
    const { browser, page } = await open(link);
    door.clock.turn(1);
    expect((await open(link)).page.status).toBe(404);
    expect((await browser.submit(page, 'password', { password: fresh })).status).toBe(404);
    expect(late).not.toBe(link);
    expect(await signsIn(password)).toBe(true);
  });

  it('takes the place of an older one', async () => {
    const older = await sendLink();
    door.clock.turn(1);
    const newer = await sendLink();
    expect((await choose(older)).status).toBe(404);
    expect((await choose(newer)).path).toBe('/login');
  });

  it.each(['', '?token=', '?token=short', `?token=${'A'.repeat(43)}`, `?token=${'%00'.repeat(43)}`])('is none: %s', async (search) => {
    const page = await door.browser().get(reset + search);
    expect(page.status).toBe(404);
    expect(page.$(`a[href="${forgot}"]`)).toHaveLength(1);
  });

  it('is over once the password was changed in another way', async () => {
    const link = await sendLink();
    expect((await changeTo((await signIn()).browser, {})).notice).toMatch(/Your password is changed/);
    expect((await open(link)).page.status).toBe(404);
  });

  it('that is repeated is refused', async () => {
    const link = await sendLink();
    expect((await door.browser().get(`${link}&${link.split('?')[1]}`)).status).toBe(422);
  });

  it('ends every session of the member, that at the challenge and that of this browser too, and no other one', async () => {
    const { browser, page } = await signIn();
    const stranger = await signIn(password, 'olga');
    await enroll(door, acme.agnes);
    await door.database.user.update({ where: { id: acme.agnes }, data: { choseTwoFactor: true } });
    const half = await signIn();
    expect([page.path, half.page.path]).toEqual(['/', '/two-factor/challenge']);
    const form = await browser.get(await sendLink());
    expect((await browser.submit(form, 'password', { password: fresh })).path).toBe('/login');
    expect((await half.browser.get('/two-factor/challenge')).path).toBe('/login');
    expect((await stranger.browser.get('/')).signedInAs).toBe('olga');
    expect(await door.database.session.count({ where: { userId: acme.agnes } })).toBe(0);
  });

  it('leaves no sign-in behind that had just given the old password', async () => {
    await enroll(door, acme.agnes);
    const thief = await signInUnderWay(door, 'agnes');
    expect((await choose(await sendLink())).path).toBe('/login');
    expect(await thief.goOn()).toMatchObject({ path: '/login', status: 401 });
    expect(await door.database.session.count()).toBe(0);
  });

  it('never touches the second factor', async () => {
    const key = await enroll(door, acme.agnes);
    await door.database.user.update({ where: { id: acme.agnes }, data: { choseTwoFactor: true } });
    await door.database.codeTries.create({ data: { userId: acme.agnes, failedInRow: 3 } });
    await choose(await sendLink());
    const { browser, page } = await signIn(fresh);
    expect(page.path).toBe('/two-factor/challenge');
    expect(await door.database.codeTries.findFirst()).toMatchObject({ failedInRow: 3 });
    expect((await browser.submit(page, 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
  });

  it('ends the waits after wrong passwords', async () => {
    for (let tries = 0; tries < 6; tries += 1) await signIn('not this one');
    expect((await signIn()).page.status).toBe(429);
    await choose(await sendLink());
    expect(await signsIn(fresh)).toBe(true);
  });

  it('judges the new password, and keeps none', async () => {
    const { browser, page } = await open(await sendLink());
    for (const [chosen, alert] of [
      ['short', /at least 12/],
      ['acme agnes acme', /Names/],
      ['', /Choose a new password/],
    ] as const) {
      const refused = await browser.submit(page, 'password', { password: chosen });
      expect(refused.status).toBe(422);
      expect(refused.alert).toMatch(alert);
      expect(refused.$('input[type="password"][value]')).toHaveLength(0);
    }
  });

  it('is taken once of several posts at one moment', async () => {
    for (let round = 0; round < 3; round += 1) {
      const link = await sendLink();
      const passwords = [`${fresh} ${round} a`, `${fresh} ${round} b`, `${fresh} ${round} c`];
      const forms = await Promise.all(passwords.map(() => open(link)));
      await Promise.all(forms.map(({ browser, page }, index) => browser.submit(page, 'password', { password: passwords[index] ?? '' })));
      const works = await Promise.all(passwords.map(signsIn));
      expect(works.filter(Boolean)).toHaveLength(1);
      expect(await door.database.auditRecord.count({ where: { kind: 'password-reset' } })).toBe(round + 1);
      door.clock.turn(minutes(1));
    }
  });

  it('that is clicked twice ends as if clicked once', async () => {
    const { browser, page } = await open(await sendLink());
    const post = () => browser.clone().submit(page, 'password', { password: fresh });
    const answers = await Promise.all([post(), post()]);
    expect(answers.map(({ path, status }) => [path, status])).toEqual([
      ['/login', 200],
      ['/login', 200],
    ]);
    expect((await subjects()).filter((subject) => subject === 'Your password was changed')).toHaveLength(1);
  });

  it('does nothing for who was deactivated meanwhile', async () => {
    const link = await sendLink();
    const { browser, page } = await open(link);
    await door.database.user.update({ where: { id: acme.agnes }, data: { deactivatedAt: door.clock.now() } });
    expect((await browser.submit(page, 'password', { password: fresh })).status).toBe(404);
    expect((await open(link)).page.status).toBe(404);
  });

  it('opens the way again for a password that was disabled', async () => {
    await door.database.$transaction((transaction) => door.app.get(Passwords).disable(transaction, acme.agnes));
    const { page } = await signIn();
    expect(page).toMatchObject({ path: '/login', status: 401 });
    door.clock.turn(seconds(1));
    await choose(await sendLink());
    expect(await signsIn(fresh)).toBe(true);
  });

  it('is swept a day after it is over', async () => {
    await sendLink();
    door.clock.turn(minutes(30) + minutes(24 * 60));
    await door.app.get(Sweeper).sweepAll();
    expect(await door.database.resetLink.count()).toBe(0);
  });
});

describe('without mail', () => {
  it('the page says whom to ask', async () => {
    const quiet = await openDoor({ environment: { NODE_ENV: 'production', ALLOW_EMBEDDED_DATABASE: 'true' } });
    const page = await quiet.browser().get(forgot);
    expect(page.text).toMatch(/No mail goes out from this Gatehouse/);
    expect(page.$('form[action="/password/forgot"]')).toHaveLength(0);
    await quiet.close();
  });
});
