import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme, addOrganization, addPerson, password, signInAs } from '../support/people.js';
import { mailsTo } from '../support/sent.js';

const people = '/organization/people';
const invite = `${people}/invite`;
const address = 'nina@new.test';
const fresh = 'seven quiet herons wading';

let door: Door;
let acme: Awaited<ReturnType<typeof addAcme>>;
beforeAll(async () => {
  door = await openDoor();
});
beforeEach(async () => {
  const { database } = door;
  await database.organization.deleteMany();
  for (const table of [database.rateCount, database.passwordTries, database.auditRecord, database.outboxMessage] as const)
    await (table as typeof database.rateCount).deleteMany();
  acme = await addAcme(door);
});
afterAll(() => door.close());

const signIn = (username: string) => signInAs(door, username);
const ask = (browser: Browser, emails: string, role = 'AGENT') => browser.visitAndSubmit(invite, 'emails', { emails, role });
/** Posts with the token of the page, also what no form on it would. */
const post = async (browser: Browser, path: string, fields: Record<string, string> = {}) => {
  const token = String((await browser.get(people)).$('input[name="_csrf"]').first().val());
  return browser.send('POST', path, new URLSearchParams({ _csrf: token, ...fields }));
};
const rowsOn = ({ $ }: PageSeen) =>
  $('[data-testid="invitation"]')
    .toArray()
    .map((element) => $(element).find('tr').first().text().replace(/\s+/g, ' ').trim());
/** Olga invites, and the link that went out. */
const invited = async (role = 'AGENT', by = 'olga') => {
  const browser = await signIn(by);
  expect((await ask(browser, address, role)).notice).toMatch(/on their way/);
  return { browser, link: (await linksTo(door, address))[0] ?? '/no-link', id: (await door.database.invitation.findFirstOrThrow()).id };
};
const nina = { name: 'Nina New', username: 'nina', password: fresh };
const accept = async (link: string, fields: Record<string, string> = {}) => {
  const browser = door.browser();
  const page = await browser.get(link);
  return page.status === 200 ? browser.submit(page, 'username', { ...nina, ...fields }) : page;
};
const pathOf = (page: PageSeen, act: 'resend' | 'withdraw') => String(page.$(`form[action$="/${act}"]`).first().attr('action'));
const records = (kind: string) => door.database.auditRecord.findMany({ where: { kind } });

describe('inviting', () => {
  it('sends a link, and leads from it through name and password to the policy', async () => {
    await door.database.user.update({ where: { id: acme.olga }, data: { name: 'Olga Owner' } });
    const olga = await signIn('olga');
    const list = await olga.get(people);
    expect(list.$(`a[href="${invite}"]`)).toHaveLength(1);
    const sent = await ask(olga, address, 'ADMIN');
    expect(sent).toMatchObject({ path: invite, status: 200, signedInAs: 'olga' });
    expect(sent.notice).toMatch(/on their way/);
    expect(rowsOn(sent)).toEqual([expect.stringMatching(/^nina@new\.test Administrator Olga Owner .* UTC .* UTC$/)]);
    const [mail] = await mailsTo(door, address);
    expect(mail?.subject).toBe('You are invited to Acme');
    expect(mail?.text).toMatch(/Olga Owner invites you to join Acme/);
    await door.database.organization.updateMany({ data: { twoFactorRequired: true } });
    const [link = ''] = await linksTo(door, address);
    expect(link).toMatch(/^\/invitation\?token=[\w-]{43}$/);
    const browser = door.browser();
    const page = await browser.get(link);
    expect(page).toMatchObject({ path: '/invitation', search: '', status: 200 });
    expect(page.body).not.toContain(link.split('=')[1]);
    const done = await browser.submit(page, 'username', nina);
    expect(done).toMatchObject({ path: '/login', status: 200 });
    expect(done.notice).toMatch(/You are a member now/);
    expect((await browser.signIn('nina', fresh)).path).toBe('/two-factor/enroll');
    const user = await door.database.user.findUniqueOrThrow({ where: { usernameKey: 'nina' } });
    expect(user).toMatchObject({ name: 'Nina New', email: address, role: 'ADMIN', organizationId: acme.organizationId });
    expect(rowsOn(await (await signIn('adam')).get(invite))).toEqual([]);
    expect(await records('member-invited')).toMatchObject([{ actor: 'olga', details: '{"to":"n…@new.test","role":"ADMIN"}' }]);
    expect(await records('invitation-accepted')).toMatchObject([{ actor: 'nina', actorId: user.id, details: '{"role":"ADMIN"}' }]);
    expect(JSON.stringify([await door.database.invitation.findMany(), await door.database.auditRecord.findMany()])).not.toContain(
      link.split('=')[1],
    );
  });

  it('takes a pasted list, and names who is a member or invited already', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: 'Agnes@acme.test' } });
    const gone = await addPerson(door, { organizationId: acme.organizationId, username: 'gone@acme.test' });
    await door.database.user.update({ where: { id: gone }, data: { deactivatedAt: door.clock.now() } });
    const globex = await addOrganization(door, 'Globex');
    await addPerson(door, { organizationId: globex, username: 'gina@globex.test' });
    const olga = await signIn('olga');
    await ask(olga, 'open@new.test');
    door.clock.turn(seconds(10));
    const page = await ask(olga, 'Nina <nina@new.test>; OPEN@new.test\nagnes@acme.test gone@acme.test, gina@globex.test');
    expect(page).toMatchObject({ path: invite, status: 200 });
    expect(page.testId('skipped')).toMatch(/OPEN@new\.test is invited already[\s\S]*agnes@acme\.test is a member already/);
    expect(page.testId('skipped')).not.toMatch(/nina|gone|gina/);
    expect(decodeURIComponent(page.search)).not.toMatch(/new\.test/);
    const open = (await door.database.invitation.findMany()).map(({ email }) => email).sort();
    expect(open).toEqual(['gina@globex.test', 'gone@acme.test', 'nina@new.test', 'open@new.test']);
    const again = await ask(olga, 'agnes@acme.test');
    expect(again.notice).toMatch(/Nobody was invited/);
    expect((await (await signIn('adam')).get(invite + again.search)).testId('skipped')).toBeUndefined();
  });

  it('takes a hundred addresses, and names of those who were invited already as many as there is room for', async () => {
    const olga = await signIn('olga');
    const emails = Array.from({ length: 100 }, (_, index) => `somebody.with.a.long.name.${index}@new.test`).join('\n');
    expect((await ask(olga, emails)).notice).toMatch(/on their way/);
    expect(await door.database.invitation.count()).toBe(100);
    door.clock.turn(seconds(10));
    const page = await ask(olga, emails);
    expect(page.testId('skipped')).toMatch(/name\.0@new\.test is invited already[\s\S]*and \d\d more/);
    expect(page.search.length).toBeLessThan(7_000);
    expect(rowsOn(page)).toHaveLength(50);
    expect(rowsOn(await olga.get(String(page.$('.pages a').attr('href'))))).toHaveLength(50);
  });

  it.each([
    ['nothing', { emails: ' ' }, /Enter at least one/],
    ['what is no address', { emails: 'nina@new.test, rick, bob@' }, /These are no e-mail addresses: rick · bob@/],
    ['101 addresses', { emails: Array.from({ length: 101 }, (_, index) => `a${index}@new.test`).join(' ') }, /at most 100.*these are 101/],
    ['no role', { emails: address, role: 'KING' }, /Choose a role/],
  ])('%s is refused: nothing is sent, and what was typed stays', async (_, fields, alert) => {
    const page = await (await signIn('olga')).visitAndSubmit(invite, 'emails', fields);
    expect(page).toMatchObject({ path: invite, status: 422 });
    expect(page.alert).toMatch(alert);
    expect(String(page.$('textarea').val()).trim()).toBe(fields.emails.trim());
    expect(await door.database.invitation.count()).toBe(0);
  });

  it('is for owners and administrators, and an owner is made by an owner alone', async () => {
    expect((await (await signIn('agnes')).get(invite)).status).toBe(403);
    const adam = await signIn('adam');
    const page = await adam.get(invite);
    expect(page.$('option').map((_, option) => page.$(option).attr('value')).toArray()).toEqual(['ADMIN', 'AGENT']); // prettier-ignore
    expect((await post(adam, invite, { emails: address, role: 'OWNER' })).status).toBe(403);
    expect(await door.database.invitation.count()).toBe(0);
    const { id } = await invited('OWNER');
    for (const act of ['resend', 'withdraw']) expect((await post(adam, `${people}/invitations/${id}/${act}`)).status).toBe(403);
    expect((await adam.get(invite)).$('form[action$="/withdraw"]')).toHaveLength(0);
  });

  it('of another organization is nobody’s affair', async () => {
    const { id } = await invited();
    const globex = await addOrganization(door, 'Globex');
    await addPerson(door, { organizationId: globex, username: 'gina', role: 'OWNER' });
    const gina = await signIn('gina');
    expect(rowsOn(await gina.get(invite))).toEqual([]);
    for (const path of [`${id}/resend`, `${id}/withdraw`, 'x/resend', 'x/withdraw'])
      expect([path, (await post(gina, `${people}/invitations/${path}`)).status]).toEqual([path, 404]);
    expect((await ask(gina, address)).notice).toMatch(/on their way/);
    expect(await door.database.invitation.count({ where: { openFor: { not: null } } })).toBe(2);
  });

  it('needs a fresh proof, and is finished by the step-up', async () => {
    const { browser: olga } = await invited();
    door.clock.turn(minutes(10));
    const stepUp = await ask(olga, 'ann@new.test, bob@new.test');
    expect(stepUp.path).toBe('/step-up');
    expect(stepUp.text).toMatch(/invite 2 people/);
    expect(await door.database.invitation.count()).toBe(1);
    expect((await olga.submit(stepUp, 'password', { password })).notice).toMatch(/on their way/);
    expect(await door.database.invitation.count()).toBe(3);
    door.clock.turn(minutes(10));
    for (const [act, notice] of [
      ['resend', /on its way again/],
      ['withdraw', /is withdrawn/],
    ] as const) {
      const page = await olga.get(invite);
      const asked = await olga.submit(page, pathOf(page, act));
      expect(asked.path).toBe('/step-up');
      expect((await olga.submit(asked, 'password', { password })).notice).toMatch(notice);
      door.clock.turn(minutes(10));
    }
  });

  it('that is clicked twice sends one mail, and ends as if clicked once', async () => {
    const olga = await signIn('olga');
    const page = await olga.get(invite);
    const send = () => olga.submit(page, 'emails', { emails: address, role: 'AGENT' });
    const answers = await Promise.all([send(), send()]);
    expect(answers.map(({ notice, status }) => [/on their way/.test(notice), status])).toEqual([[true, 200], [true, 200]]); // prettier-ignore
    expect(answers.map((answer) => answer.testId('skipped'))).toEqual([undefined, undefined]);
    const list = await olga.get(invite);
    door.clock.turn(1);
    await Promise.all([1, 2].map(() => olga.submit(list, pathOf(list, 'resend'))));
    expect(await mailsTo(door, address)).toHaveLength(2);
    await Promise.all([1, 2].map(() => olga.submit(list, pathOf(list, 'withdraw'))));
    expect(await records('invitation-withdrawn')).toHaveLength(1);
  });

  it('floods nobody: three mails a day to an address, and 500 from an organization', async () => {
    const { browser: olga } = await invited();
    for (const status of [303, 303, 429]) {
      door.clock.turn(1);
      const answer = await olga.send(...(await resendOf(olga)));
      expect(answer.status).toBe(status);
      if (status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(hours(23) / 1000);
    }
    await post(olga, pathOf(await olga.get(invite), 'withdraw'));
    const page = await ask(olga, `${address}, ann@new.test`);
    expect(page.testId('skipped')).toMatch(/nina@new\.test not today/);
    expect((await ask(olga, address)).status).toBe(429);
    await door.database.rateCount.updateMany({ data: { count: 500 } });
    expect((await ask(olga, 'bob@new.test')).status).toBe(429);
    door.clock.turn(hours(24));
    expect((await ask(await signIn('olga'), 'bob@new.test')).notice).toMatch(/on their way/);
  });
});

const resendOf = async (browser: Browser) => {
  const page = await browser.get(invite);
  const body = new URLSearchParams({ _csrf: String(page.$('input[name="_csrf"]').first().val()) });
  return ['POST', pathOf(page, 'resend'), body] as const;
};

describe('an invitation', () => {
  it('is not used up by being opened, by whomever and however often', async () => {
    const { link } = await invited();
    for (const method of ['GET', 'HEAD', 'GET', 'GET']) expect((await door.browser().send(method, link)).status).toBe(303);
    const browser = door.browser();
    const page = await browser.get(link);
    expect((await browser.submit(page, 'username', { ...nina, password: 'short' })).status).toBe(422);
    expect((await browser.submit(await browser.get('/invitation'), 'username', nina)).path).toBe('/login');
  });

  it('works once, and a double click ends as one', async () => {
    const { link } = await invited();
    const browser = door.browser();
    const page = await browser.get(link);
    const click = () => browser.clone().submit(page, 'username', nina);
    expect((await Promise.all([click(), click()])).map(({ path }) => path)).toEqual(['/login', '/login']);
    const late = await browser.clone().submit(page, 'username', { ...nina, username: 'rick' });
    expect(late.status).toBe(404);
    door.clock.turn(minutes(1));
    expect((await accept(link)).status).toBe(404);
    expect(await door.database.user.count({ where: { email: address } })).toBe(1);
    expect(await records('invitation-accepted')).toHaveLength(1);
  });

  it('makes one member of several posts at one moment', async () => {
    const { link } = await invited();
    const forms = await Promise.all(
      ['ann', 'bob', 'cy'].map(async (username) => {
        const browser = door.browser();
        return { browser, username, page: await browser.get(link) };
      }),
    );
    const answers = await Promise.all(forms.map(({ browser, page, username }) => browser.submit(page, 'username', { ...nina, username })));
    expect(answers.map(({ path, status }) => `${path} ${status}`).sort()).toEqual(['/invitation 404', '/invitation 404', '/login 200']);
    expect(await door.database.user.count({ where: { email: address } })).toBe(1);
  });

  it('works for 72 hours; one that is over is asked for anew, or sent again', async () => {
    const { link, browser: olga } = await invited();
    door.clock.turn(hours(72) - 1);
    expect((await door.browser().get(link)).status).toBe(200);
    door.clock.turn(1);
    expect((await accept(link)).status).toBe(404);
    expect((await olga.get(invite)).path).toBe('/login');
    const again = await signIn('olga');
    expect(rowsOn(await again.get(invite))).toEqual([expect.stringMatching(/^nina@new\.test Over/)]);
    expect((await ask(again, address)).notice).toMatch(/on their way/);
    expect(rowsOn(await again.get(invite))).toHaveLength(1);
    door.clock.turn(hours(72));
    const later = await signIn('olga');
    const page = await later.get(invite);
    expect((await later.submit(page, pathOf(page, 'resend'))).notice).toMatch(/on its way again/);
    expect((await accept((await linksTo(door, address))[0] ?? '')).path).toBe('/login');
  });

  it('that is sent again ends the link before it; one that is withdrawn ends it too', async () => {
    const { link, browser: olga } = await invited();
    door.clock.turn(1);
    const page = await olga.get(invite);
    await olga.submit(page, pathOf(page, 'resend'));
    const [newer = ''] = await linksTo(door, address);
    expect([(await door.browser().get(link)).status, (await door.browser().get(newer)).status]).toEqual([404, 200]);
    expect((await records('member-invited')).map(({ details }) => details).sort()).toEqual([
      '{"to":"n…@new.test","role":"AGENT","again":true}',
      '{"to":"n…@new.test","role":"AGENT"}',
    ]);
    expect((await olga.submit(page, pathOf(page, 'withdraw'))).notice).toMatch(/is withdrawn/);
    expect((await accept(newer)).status).toBe(404);
    expect(await records('invitation-withdrawn')).toHaveLength(1);
    expect((await post(olga, pathOf(page, 'resend'))).status).toBe(422);
    expect((await ask(olga, address)).notice).toMatch(/on their way/);
  });

  it.each([
    ['is deactivated', { deactivatedAt: new Date(0) }],
    ['may not give the role any more', { role: 'ADMIN' as const }],
  ])('is dead while its inviter %s, until somebody else sends it', async (_, data) => {
    await door.database.user.update({ where: { id: acme.adam }, data: { role: 'OWNER' } });
    const { link } = await invited('OWNER');
    const browser = door.browser();
    const page = await browser.get(link);
    await door.database.user.update({ where: { id: acme.olga }, data });
    expect((await browser.submit(page, 'username', nina)).status).toBe(404);
    expect((await door.browser().get(link)).status).toBe(404);
    const adam = await signIn('adam');
    const list = await adam.get(invite);
    expect(rowsOn(list)[0]).toMatch(/Link does not work/);
    await adam.submit(list, pathOf(list, 'resend'));
    expect((await accept((await linksTo(door, address))[0] ?? '')).path).toBe('/login');
  });

  it.each([
    ['a username that is taken', { username: ' OLGA ' }, /That username is taken/],
    ['a short password', { password: 'short' }, /at least 12/],
    ['a common password', { password: 'password1234' }, /tried first/],
    ['a password of names', { password: 'acme nina new nina' }, /Names/],
    ['no name', { name: ' ' }, /Enter your name/],
    ['no username', { username: '' }, /Enter a username/],
  ])('refuses %s, keeps what was typed but no password, and stays open', async (_, fields, alert) => {
    const { link } = await invited();
    const page = await accept(link, fields);
    expect(page).toMatchObject({ path: '/invitation', status: 422 });
    expect(page.alert).toMatch(alert);
    expect(page.$('input[type="password"][value]')).toHaveLength(0);
    expect(page.$('#name').val()).toBe({ ...nina, ...fields }.name);
    expect((await accept(link)).path).toBe('/login');
  });

  it('is answered five times a minute by a link, and twenty times from an address', async () => {
    const { link } = await invited();
    const statuses: number[] = [];
    for (let times = 0; times < 6; times += 1) statuses.push((await accept(link, { username: 'olga' })).status);
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429]);
    door.clock.turn(minutes(1));
    const browser = door.browser();
    const token = String((await browser.get('/login')).$('input[name="_csrf"]').val());
    for (let times = 0; times < 20; times += 1) {
      const guess = `/invitation?token=${String(times).padStart(43, 'A')}`;
      expect((await browser.send('POST', guess, new URLSearchParams({ _csrf: token, ...nina }))).status).toBe(404);
    }
    const late = await accept(link);
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '60']);
    expect(late.$('#username').val()).toBe('nina');
    door.clock.turn(minutes(1));
    expect((await accept(link)).path).toBe('/login');
  });

  it('is not answered by what was typed for another one that was opened in the same browser before', async () => {
    const { link } = await invited();
    const globex = await addOrganization(door, 'Globex');
    await addPerson(door, { organizationId: globex, username: 'gina', role: 'OWNER' });
    expect((await ask(await signIn('gina'), address)).notice).toMatch(/on their way/);
    const others = (await linksTo(door, address)).find((one) => one !== link) ?? '/no-link';
    const browser = door.browser();
    const typed = await browser.get(link);
    expect((await browser.get(others)).text).toMatch(/Join Globex/);
    const again = await browser.submit(typed, 'username', nina);
    expect([again.status, again.alert]).toEqual([422, expect.stringMatching(/Another invitation was opened/)]);
    expect([again.text, again.$('#name').val()]).toEqual([expect.stringMatching(/Join Globex/), 'Nina New']);
    expect(await door.database.user.count({ where: { username: 'nina' } })).toBe(0);
    expect((await browser.submit(again, 'username', nina)).path).toBe('/login');
    expect(await door.database.user.findFirstOrThrow({ where: { username: 'nina' } })).toMatchObject({ organizationId: globex });
  });

  it('is accepted beside a live session, which stays as it is', async () => {
    const { link, browser: olga } = await invited();
    const before = olga.sessionCookie;
    const page = await olga.get(link);
    expect(page).toMatchObject({ status: 200, signedInAs: 'olga' });
    expect(await olga.submit(page, 'username', nina)).toMatchObject({ path: '/', signedInAs: 'olga' });
    expect(olga.sessionCookie).toBe(before);
    expect((await door.browser().signIn('nina', fresh)).signedInAs).toBe('nina');
  });

  it.each(['', '?token=', '?token=short', `?token=${'A'.repeat(43)}`])('is none: %s', async (search) => {
    expect((await door.browser().get(`/invitation${search}`)).status).toBe(404);
  });

  it('is no link to a new password, and none of these is an invitation', async () => {
    const { link } = await invited();
    expect((await door.browser().get(link.replace('/invitation', '/password/reset'))).status).toBe(404);
    expect((await door.browser().get(`${link}&${link.split('?')[1]}`)).status).toBe(422);
    const browser = door.browser();
    await browser.get(link);
    expect((await browser.get('/password/reset')).status).toBe(404);
  });

  it('is swept 90 days after it is over', async () => {
    await invited();
    door.clock.turn(hours(72 + 24 * 90) - 1);
    await door.app.get(Sweeper).sweepAll();
    expect(await door.database.invitation.count()).toBe(1);
    door.clock.turn(1);
    await door.app.get(Sweeper).sweepAll();
    expect(await door.database.invitation.count()).toBe(0);
  });
});

describe('without mail', () => {
  it('nobody is invited, and the page says whom to ask', async () => {
    const quiet = await openDoor({
      environment: { NODE_ENV: 'production', ALLOW_EMBEDDED_DATABASE: 'true' },
      database: door.database,
      clock: door.clock,
    });
    const olga = quiet.browser();
    await olga.signIn('olga', password);
    const page = await olga.get(invite);
    expect(page.text).toMatch(/No mail goes out from this Gatehouse/);
    expect(page.$(`form[action="${invite}"]`)).toHaveLength(0);
    expect((await post(olga, invite, { emails: address, role: 'AGENT' })).status).toBe(422);
    expect(await door.database.invitation.count()).toBe(0);
    await quiet.close();
  });
});
