import { MemberListStore } from '../../src/people/member-list.store.js';
import { TwoFactorReset } from '../../src/people/two-factor-reset.service.js';
import { hours, minutes, seconds } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme, addOrganization, addPerson, enroll, giveNumber, password, signInAs } from '../support/people.js';
import { mailsTo } from '../support/sent.js';
import { signInUnderWay } from '../support/sign-in-under-way.js';

const people = '/organization/people';

let door: Door;
let acme: Awaited<ReturnType<typeof addAcme>>;
beforeEach(async () => {
  door = await openDoor();
  acme = await addAcme(door);
});
afterEach(() => door.close());

const signIn = (username: string) => signInAs(door, username);
const rowsOn = ({ $ }: PageSeen) =>
  $('[data-testid="member"]')
    .toArray()
    .map((element) => $(element).find('tr').first().text().replace(/\s+/g, ' ').trim());
const namesOn = (page: PageSeen) =>
  page
    .$('[data-testid="member"] th .hint')
    .toArray()
    .map((element) => page.$(element).text());
/** Posts an act on a member, with the token of the People page: also one whose form is not shown. */
const act = async (browser: Browser, path: string, fields: Record<string, string> = {}) => {
  const page = await browser.get(people);
  const token = String(page.$('input[name="_csrf"]').first().val());
  const answer = await browser.send('POST', `${people}/${path}`, new URLSearchParams({ _csrf: token, ...fields }));
  return answer.status === 303 ? browser.get(answer.headers.get('location') ?? '') : answer;
};
const addressOf = (id: string, email: string) => door.database.user.update({ where: { id }, data: { email } });
const roleOf = async (id: string) => (await door.database.user.findUniqueOrThrow({ where: { id } })).role;
const records = async (kind: string) => door.database.auditRecord.findMany({ where: { kind } });

describe('Organization > People', () => {
  it('shows the members with what their sign-in stands on', async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: true, smsAllowed: true } });
    const key = await enroll(door, acme.olga);
    await giveNumber(door, acme.olga, '+31612345678');
    await giveNumber(door, acme.adam, '+4915123456789');
    const browser = door.browser();
    await browser.submit(await browser.signIn('olga', password), 'code', { code: door.codeOf(key) });
    const page = await browser.get(people);
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/1 of 3 active members have an authenticator/);
    const [adam, agnes, olga] = rowsOn(page);
    expect(adam).toMatch(/^adam ?adam Administrator Not set up No SMS to Germany 0 left Never$/);
    expect(agnes).toMatch(/^agnes ?agnes Agent Not set up No number 0 left Never$/);
    expect(olga).toMatch(/^olga You ?olga Owner Since 24 November 2026 Ready 0 left 24 November 2026, 12:00 UTC$/);
    expect(page.body).not.toMatch(/612345678|15123456789/);
  });

  it('is for owners and administrators', async () => {
    const agent = await signIn('agnes');
    expect((await agent.get(people)).status).toBe(403);
    expect((await agent.get('/')).$(`a[href="${people}"]`)).toHaveLength(0);
    expect((await (await signIn('adam')).get(people)).status).toBe(200);
  });

  it('shows nobody of another organization', async () => {
    const globex = await addOrganization(door, 'Globex');
    await addPerson(door, { organizationId: globex, username: 'gina', role: 'OWNER' });
    const olga = await signIn('olga');
    expect(namesOn(await olga.get(`${people}?filter=all&q=gina`))).toEqual([]);
    for (const path of ['gina/role', 'gina/deactivate', 'gina/reset-two-factor', 'nobody/unlock', '%00/unlock', 'olga%00/role'])
      expect((await act(olga, path, { role: 'AGENT', reason: 'x' })).status).toBe(404);
    expect(await door.database.user.findFirst({ where: { username: 'gina' } })).toMatchObject({ role: 'OWNER', deactivatedAt: null });
  });

  it('finds by a part of name, username or address, and takes signs as they are', async () => {
    const olga = await signIn('olga');
    await door.database.user.update({ where: { id: acme.agnes }, data: { name: 'Änne 100%_x', email: 'anna@acme.test' } });
    for (const [q, names] of [
      ['AD', ['adam']],
      ['änne', ['agnes']],
      ['anna@', ['agnes']],
      ['%', ['agnes']],
      ['_', ['agnes']],
      ['\\', []],
      ["'", []],
    ] as const)
      expect([q, namesOn(await olga.get(`${people}?q=${encodeURIComponent(q)}`))]).toEqual([q, names]);
    const page = await olga.get(`${people}?q=${encodeURIComponent('"><b>')}&page=x&sort=;drop&filter=no`);
    expect(page).toMatchObject({ status: 200 });
    expect(page.$('#q').val()).toBe('"><b>');
    expect((await olga.get(`${people}?q=a&q=b&page=-1`)).status).toBe(200);
  });

  it('filters', async () => {
    await enroll(door, acme.olga);
    await giveNumber(door, acme.adam, '+31612345678');
    const gone = await addPerson(door, { organizationId: acme.organizationId, username: 'gone' });
    await door.database.user.update({ where: { id: gone }, data: { deactivatedAt: door.clock.now() } });
    door.clock.turn(hours(24 * 30));
    const olga = await signIn('olga');
    for (const [filter, names] of [
      ['not-enrolled', ['adam', 'agnes']],
      ['no-number', ['agnes', 'olga']],
      ['inactive', ['adam', 'agnes']],
      ['deactivated', ['gone']],
      ['all', ['adam', 'agnes', 'gone', 'olga']],
      ['owners-without-codes', ['olga']],
      ['one-phone-only', ['olga']],
    ] as const)
      expect([filter, namesOn(await olga.get(`${people}?filter=${filter}`))]).toEqual([filter, names]);
    expect(namesOn(await olga.get(people))).toEqual(['adam', 'agnes', 'olga']);
  });

  it('exports what was searched for as CSV, all pages of it, harmless in a spreadsheet, and puts that on record', async () => {
    await addressOf(acme.adam, 'adam@acme.test');
    await giveNumber(door, acme.adam, '+31612345678');
    await door.database.user.update({ where: { id: acme.agnes }, data: { name: '=cmd()' } });
    const organizationId = acme.organizationId;
    await door.database.$executeRaw`
      INSERT INTO users (id, organization_id, username, username_key, name, role, password_hash, password_scheme, created_at)
      SELECT gen_random_uuid(), ${organizationId}::uuid, 'm' || n, 'm' || n, 'M ' || n, 'AGENT', 'x', 'BCRYPT', now()
      FROM generate_series(1, 1100) AS n`;
    const olga = await signIn('olga');
    const page = await olga.get(`${people}?q=a&filter=no-number`);
    const form = page.$('form[action="/organization/people/export"]');
    expect(
      form
        .find('input[type="hidden"]:not([name="_csrf"])')
        .toArray()
        .map(({ attribs: { name, value } }) => [name, value]),
    ).toEqual([
      ['q', 'a'],
      ['filter', 'no-number'],
      ['sort', 'name'],
    ]);
    const _csrf = String(form.find('input[name="_csrf"]').val());
    const exported = (fields: Record<string, string>) => olga.send('POST', `${people}/export`, new URLSearchParams({ _csrf, ...fields }));
    const answer = await exported({ q: 'a' });
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      'attachment; filename="people-2026-11-24.csv"',
    ]);
    expect(answer.body.split('\r\n')).toEqual([
      'username,name,email,role,deactivatedAt,authenticatorSince,sms,recoveryCodesLeft,lastSignInAt',
      `agnes,'=cmd(),,AGENT,,,Not allowed by the policy,0,`,
      'adam,adam,adam@acme.test,ADMIN,,,Not allowed by the policy,0,',
      `olga,olga,,OWNER,,,Not allowed by the policy,0,${door.clock.now().toISOString()}`,
      '',
    ]);
    expect((await exported({})).body.split('\r\n')).toHaveLength(1 + 1_103 + 1);
    expect((await records('people-exported')).map(({ actor, details }) => `${actor} ${details}`).sort()).toEqual([
      'olga {"q":"","filter":"active"}',
      'olga {"q":"a","filter":"active"}',
    ]);
  });

  it('exports each member once, whoever is deactivated or signs in while it is sent', async () => {
    await door.database.$executeRaw`
      INSERT INTO users (id, organization_id, username, username_key, name, role, password_hash, password_scheme, created_at)
      SELECT gen_random_uuid(), ${acme.organizationId}::uuid, 'm' || n, 'm' || n, 'M ' || n, 'AGENT', 'x', 'BCRYPT', now()
      FROM generate_series(1, 1100) AS n`;
    const olga = await signIn('olga');
    const members = door.app.get(MemberListStore);
    const read = members.findThese.bind(members);
    jest.spyOn(members, 'findThese').mockImplementation(async (ids) => {
      const rows = await read(ids);
      const some = rows.slice(0, 3).map(({ userId }) => userId);
      await door.database.user.updateMany({ where: { id: { in: some } }, data: { deactivatedAt: door.clock.now() } });
      return rows;
    });
    const _csrf = String((await olga.get(people)).$('input[name="_csrf"]').val());
    const { body } = await olga.send('POST', `${people}/export`, new URLSearchParams({ _csrf, sort: '-last-sign-in' }));
    jest.restoreAllMocks();
    const usernames = body.split('\r\n').map((line) => line.split(',')[0]);
    expect([usernames.length, new Set(usernames).size]).toEqual([1 + 1_103 + 1, 1 + 1_103 + 1]);
  });

  it('sorts, and leafs through pages that keep what was asked', async () => {
    const organizationId = acme.organizationId;
    for (let index = 0; index < 55; index += 1)
      await addPerson(door, { organizationId, username: `member${String(index).padStart(2, '0')}` });
    const olga = await signIn('olga');
    const first = await olga.get(`${people}?q=member&sort=-name`);
    expect(namesOn(first)).toHaveLength(50);
    expect(namesOn(first)[0]).toBe('member54');
    expect(first.testId('people-total')).toMatch(/55 members, page 1 of 2/);
    const next = await olga.get(String(first.$('.pages a').last().attr('href')));
    expect(namesOn(next)).toEqual(['member04', 'member03', 'member02', 'member01', 'member00']);
    expect(namesOn(await olga.get(`${people}?sort=role`))[0]).toBe('olga');
    expect(namesOn(await olga.get(`${people}?page=99`))).toEqual([]);
  });

  it('counts codes by SMS as a way in only where one would come', async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: true, smsAllowed: true } });
    const key = await enroll(door, acme.olga);
    await enroll(door, acme.adam);
    await enroll(door, acme.agnes);
    await giveNumber(door, acme.adam, '+31612345678');
    await giveNumber(door, acme.agnes, '+4915123456789');
    const browser = door.browser();
    await browser.submit(await browser.signIn('olga', password), 'code', { code: door.codeOf(key) });
    const alone = async () => namesOn(await browser.get(`${people}?filter=one-phone-only`));
    expect(await alone()).toEqual(['agnes', 'olga']);
    await door.database.organization.updateMany({ data: { smsCountries: ['DE', 'NL'] } });
    expect(await alone()).toEqual(['olga']);
    await door.database.user.update({ where: { id: acme.adam }, data: { smsEnabled: false } });
    expect(await alone()).toEqual(['adam', 'olga']);
    await door.database.organization.updateMany({ data: { smsAllowed: false } });
    expect(await alone()).toEqual(['adam', 'agnes', 'olga']);
  });

  it('says what may lock people out', async () => {
    const olga = await signIn('olga');
    const readiness = async () => (await olga.get(people)).testId('readiness')?.replace(/\s+/g, ' ');
    expect(await readiness()).toMatch(/only one active owner.*1 owner has no recovery codes left\.$/);
    await enroll(door, acme.agnes);
    expect(await readiness()).toMatch(/1 member has one phone as the only way in/);
    await door.database.recoveryCode.createMany({
      data: [acme.olga, acme.agnes].map((userId) => ({ userId, codeHash: userId, createdAt: door.clock.now() })),
    });
    await door.database.user.update({ where: { id: acme.adam }, data: { role: 'OWNER' } });
    expect(await readiness()).toMatch(/^1 owner has no recovery codes left\.$/);
  });
});

describe('a role', () => {
  it('is changed at once for a live session, told by mail, and put on record', async () => {
    await addressOf(acme.agnes, 'agnes@acme.test');
    const agnes = await signIn('agnes');
    const olga = await signIn('olga');
    const page = await olga.submit(await olga.get(`${people}?q=agnes`), `${people}/agnes/role`, { role: 'ADMIN' });
    expect(page.notice).toMatch(/The role is changed/);
    expect((await agnes.get(people)).status).toBe(200);
    expect((await mailsTo(door, 'agnes@acme.test')).map(({ subject }) => subject)).toEqual(['Your role was changed']);
    expect(await records('role-changed')).toMatchObject([
      { actor: 'olga', subject: 'agnes', details: '{"before":"AGENT","after":"ADMIN"}', organizationId: acme.organizationId },
    ]);
    await act(olga, 'agnes/role', { role: 'ADMIN' });
    expect(await records('role-changed')).toHaveLength(1);
  });

  it('of an owner is an owner’s affair', async () => {
    const adam = await signIn('adam');
    expect((await act(adam, 'olga/role', { role: 'AGENT' })).status).toBe(403);
    expect((await act(adam, 'agnes/role', { role: 'OWNER' })).status).toBe(403);
    expect((await act(adam, 'adam/role', { role: 'AGENT' })).status).toBe(403);
    expect((await act(adam, 'agnes/role', { role: 'ADMIN' })).status).toBe(200);
    const agnes = await signIn('agnes');
    await door.database.user.update({ where: { id: acme.agnes }, data: { role: 'AGENT' } });
    const token = String((await agnes.get('/')).$('input[name="_csrf"]').first().val());
    expect((await agnes.send('POST', `${people}/adam/role`, new URLSearchParams({ _csrf: token, role: 'AGENT' }))).status).toBe(403);
    expect([await roleOf(acme.olga), await roleOf(acme.adam), await roleOf(acme.agnes)]).toEqual(['OWNER', 'ADMIN', 'AGENT']);
  });

  it.each(['', 'KING', 'owner'])('that does not exist is refused: %j', async (role) => {
    expect((await act(await signIn('olga'), 'agnes/role', { role })).status).toBe(422);
  });

  it('needs a fresh proof, and is changed by the step-up', async () => {
    const olga = await signIn('olga');
    door.clock.turn(minutes(10));
    const stepUp = await act(olga, 'agnes/role', { role: 'ADMIN' });
    expect(stepUp.path).toBe('/step-up');
    expect(stepUp.text).toMatch(/make agnes administrator/);
    expect(await roleOf(acme.agnes)).toBe('AGENT');
    expect((await olga.submit(stepUp, 'password', { password })).notice).toMatch(/The role is changed/);
    expect(await roleOf(acme.agnes)).toBe('ADMIN');
  });

  it.each([
    ['another one took its place', async (olga: Browser) => void (await act(olga, 'adam/role', { role: 'AGENT' }))],
    ['it waited for ten minutes', async () => void (await Promise.resolve(door.clock.turn(minutes(10))))],
  ])('is not changed after all, and the step-up says so, where %s', async (_, meanwhile) => {
    const olga = await signIn('olga');
    door.clock.turn(minutes(10));
    const stepUp = await act(olga, 'agnes/role', { role: 'ADMIN' });
    await meanwhile(olga);
    const proven = await olga.submit(stepUp, 'password', { password });
    expect([proven.status, proven.text]).toEqual([422, expect.stringMatching(/Your change was not made/)]);
    expect(proven.$(`a[href="${people}"]`)).toHaveLength(1);
    expect([await roleOf(acme.agnes), await roleOf(acme.adam)]).toEqual(['AGENT', 'ADMIN']);
    expect((await act(olga, 'agnes/role', { role: 'ADMIN' })).notice).toMatch(/The role is changed/);
  });

  it('that cannot be changed says so after the step-up, too', async () => {
    const olga = await signIn('olga');
    door.clock.turn(minutes(10));
    const stepUp = await act(olga, 'olga/role', { role: 'AGENT' });
    expect(stepUp.path).toBe('/step-up');
    const refused = await olga.submit(stepUp, 'password', { password });
    expect([refused.status, refused.alert]).toEqual([422, expect.stringMatching(/keeps one active owner/)]);
    expect(await olga.get(people)).toMatchObject({ status: 200, signedInAs: 'olga' });
  });

  it('shows nobody to who was an administrator before the step-up, and is none after it', async () => {
    for (const [path, fields] of [
      ['agnes/role', { role: 'ADMIN' }],
      ['invite', { emails: 'nina@new.test', role: 'AGENT' }],
    ] as const) {
      const adam = await signIn('adam');
      door.clock.turn(minutes(10));
      const stepUp = await act(adam, path, fields);
      await door.database.user.update({ where: { id: acme.adam }, data: { role: 'AGENT' } });
      const refused = await adam.submit(stepUp, 'password', { password });
      expect([refused.path, refused.status, refused.text.includes('agnes')]).toEqual(['/step-up', 403, false]);
      await door.database.user.update({ where: { id: acme.adam }, data: { role: 'ADMIN' } });
    }
    expect(await roleOf(acme.agnes)).toBe('AGENT');
    expect(await door.database.invitation.count()).toBe(0);
  });

  it('of the last active owner stays', async () => {
    const olga = await signIn('olga');
    for (const path of ['olga/role', 'olga/deactivate']) {
      const page = await act(olga, path, { role: 'ADMIN' });
      expect([path, page.status]).toEqual([path, path === 'olga/role' ? 422 : 403]);
    }
    await door.database.user.update({ where: { id: acme.adam }, data: { role: 'OWNER', deactivatedAt: door.clock.now() } });
    expect((await act(olga, 'olga/role', { role: 'ADMIN' })).alert).toMatch(/keeps one active owner/);
    await door.database.user.update({ where: { id: acme.adam }, data: { deactivatedAt: null } });
    expect((await act(olga, 'olga/role', { role: 'ADMIN' })).status).toBe(200);
    expect(await roleOf(acme.olga)).toBe('ADMIN');
  });

  it.each([
    ['demote each other', 'role', 'role'],
    ['deactivate each other', 'deactivate', 'deactivate'],
    ['demote and deactivate each other', 'role', 'deactivate'],
  ])('of an owner remains when two %s at the same moment', async (_, ofOlga, ofAdam) => {
    for (let round = 0; round < 3; round += 1) {
      await door.database.user.updateMany({ where: { id: { in: [acme.olga, acme.adam] } }, data: { role: 'OWNER', deactivatedAt: null } });
      const [olga, adam] = [await signIn('olga'), await signIn('adam')];
      const [one, two] = [await olga.get(people), await adam.get(people)];
      const post = (browser: Browser, page: PageSeen, path: string) => {
        const body = new URLSearchParams({ _csrf: String(page.$('input[name="_csrf"]').first().val()), role: 'AGENT' });
        return browser.send('POST', `${people}/${path}`, body);
      };
      const answers = await Promise.all([post(olga, one, `adam/${ofAdam}`), post(adam, two, `olga/${ofOlga}`)]);
      expect(answers.filter(({ status, headers }) => status === 303 && headers.get('location')?.includes('done='))).toHaveLength(1);
      expect(await door.database.user.count({ where: { role: 'OWNER', deactivatedAt: null } })).toBe(1);
      door.clock.turn(seconds(60));
    }
  });
});

describe('deactivating', () => {
  it('ends every session at once, keeps the member out, and is taken back', async () => {
    await addressOf(acme.agnes, 'agnes@acme.test');
    const agnes = await signIn('agnes');
    const olga = await signIn('olga');
    expect((await act(olga, 'agnes/deactivate')).notice).toMatch(/deactivated and signed out/);
    expect((await agnes.get('/')).path).toBe('/login');
    expect((await door.browser().signIn('agnes', password)).status).toBe(401);
    await act(olga, 'agnes/deactivate');
    expect(await records('member-deactivated')).toHaveLength(1);
    expect((await act(olga, 'agnes/reactivate')).notice).toMatch(/active again/);
    expect((await (await signIn('agnes')).get('/')).signedInAs).toBe('agnes');
    expect(
      (await mailsTo(door, 'agnes@acme.test'))
        .map(({ subject }) => subject)
        .reverse()
        .slice(0, 2),
    ).toEqual(['Your account was deactivated', 'Your account is active again']);
  });

  it('leaves no session to wake up with the member who had just given the password', async () => {
    const olga = await signIn('olga');
    const agnes = await signInUnderWay(door, 'agnes');
    await act(olga, 'agnes/deactivate');
    expect((await agnes.goOn()).status).toBe(401);
    await act(olga, 'agnes/reactivate');
    expect((await agnes.browser.get('/')).path).toBe('/login');
  });

  it('of oneself is not possible', async () => {
    await door.database.user.update({ where: { id: acme.adam }, data: { role: 'OWNER' } });
    expect((await act(await signIn('olga'), 'olga/deactivate')).status).toBe(403);
  });
});

describe('unlocking', () => {
  it('opens a closed second factor and ends the waits', async () => {
    const key = await enroll(door, acme.agnes);
    await door.database.user.update({ where: { id: acme.agnes }, data: { choseTwoFactor: true } });
    await door.database.codeTries.create({ data: { userId: acme.agnes, failedInRow: 20, closedAt: door.clock.now() } });
    for (let tries = 0; tries < 6; tries += 1) await door.browser().signIn('agnes', 'wrong');
    door.clock.turn(minutes(1));
    expect((await act(await signIn('adam'), 'agnes/unlock')).notice).toMatch(/waits are over/);
    const browser = door.browser();
    const challenge = await browser.signIn('agnes', password);
    expect((await browser.submit(challenge, 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
    expect(await records('second-factor-opened')).toMatchObject([{ actor: 'adam', subject: 'agnes' }]);
  });
});

describe('resetting two-factor', () => {
  const address = 'agnes@acme.test';
  const fresh = 'seven quiet herons wading';
  let key: string;
  beforeEach(async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: true } });
    await addressOf(acme.agnes, address);
    key = await enroll(door, acme.agnes);
    await door.database.recoveryCode.create({ data: { userId: acme.agnes, codeHash: 'x', createdAt: door.clock.now() } });
  });
  const asManager = async (username: 'olga' | 'adam' = 'olga') => {
    const browser = door.browser();
    const id = acme[username];
    const own = await enroll(door, id);
    await browser.submit(await browser.signIn(username, password), 'code', { code: door.codeOf(own) });
    return browser;
  };

  it('takes everything away, and starts with a new password from the mail', async () => {
    const signedInOne = door.browser();
    await signedInOne.submit(await signedInOne.signIn('agnes', password), 'code', { code: door.codeOf(key) });
    const half = door.browser();
    await half.signIn('agnes', password);
    const olga = await asManager();
    const page = await olga.submit(await olga.get(`${people}?q=agnes`), `${people}/agnes/reset-two-factor`, {
      reason: 'Phone fell into the sea',
    });
    expect(page.notice).toMatch(/A link to choose a new password is on its way/);
    expect((await signedInOne.get('/')).path).toBe('/login');
    expect((await half.get('/two-factor/challenge')).path).toBe('/login');
    const { agnes: userId } = acme;
    expect(await door.database.authenticator.count({ where: { userId } })).toBe(0);
    expect(await door.database.recoveryCode.count({ where: { userId } })).toBe(0);
    expect((await door.browser().signIn('agnes', password)).status).toBe(401);
    const [link = ''] = await linksTo(door, address);
    const browser = door.browser();
    expect((await browser.submit(await browser.get(link), 'password', { password: fresh })).path).toBe('/login');
    expect((await browser.signIn('agnes', fresh)).path).toBe('/two-factor/enroll');
    const subjects = (await mailsTo(door, address)).map(({ subject }) => subject);
    expect(subjects).toEqual(expect.arrayContaining(['Your two-factor authentication was reset', 'Choose a new password']));
    expect(await records('two-factor-reset')).toMatchObject([
      { actor: 'olga', subject: 'agnes', details: '{"reason":"Phone fell into the sea","newPassword":true}' },
    ]);
  });

  it('asks for a new password unless it is told not to', async () => {
    const olga = await asManager();
    await act(olga, 'agnes/reset-two-factor', { reason: 'x' });
    expect((await door.browser().signIn('agnes', password)).status).toBe(401);
    await door.database.user.update({ where: { id: acme.adam }, data: { email: 'adam@acme.test' } });
    await enroll(door, acme.adam);
    const kept = await act(olga, 'adam/reset-two-factor', { reason: 'x', newPasswordOffered: 'yes' });
    expect(kept.notice).toMatch(/Two-factor is reset: the member is signed out/);
    expect((await door.browser().signIn('adam', password)).path).toBe('/two-factor/enroll');
  });

  it('keeps the password of who cannot be sent a link', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: null } });
    const olga = await asManager();
    const page = await olga.get(`${people}?q=agnes`);
    expect(page.text).toMatch(/no link to a new password can be sent/);
    await act(olga, 'agnes/reset-two-factor', { reason: 'x' });
    expect((await door.browser().signIn('agnes', password)).path).toBe('/two-factor/enroll');
  });

  it('needs a reason', async () => {
    const olga = await asManager();
    for (const reason of ['', ' ', 'x'.repeat(501)]) {
      const page = await act(olga, 'agnes/reset-two-factor', { reason });
      expect([reason.length, page.status]).toEqual([reason.length, 422]);
    }
    expect(await door.database.authenticator.count({ where: { userId: acme.agnes } })).toBe(1);
  });

  it('needs a fresh proof, and is finished by the step-up', async () => {
    const olga = await asManager();
    door.clock.turn(minutes(10));
    const stepUp = await act(olga, 'agnes/reset-two-factor', { reason: 'Lost' });
    expect(stepUp.text).toMatch(/reset the two-factor authentication of agnes/);
    expect(await door.database.authenticator.count({ where: { userId: acme.agnes } })).toBe(1);
    const own = await door.database.authenticator.count();
    expect(own).toBe(2);
  });

  it('of an owner is done by another owner, of oneself by nobody', async () => {
    const adam = await asManager('adam');
    await enroll(door, acme.olga);
    expect((await act(adam, 'olga/reset-two-factor', { reason: 'x' })).status).toBe(403);
    expect((await act(adam, 'adam/reset-two-factor', { reason: 'x' })).status).toBe(403);
    await door.database.user.update({ where: { id: acme.adam }, data: { role: 'OWNER' } });
    expect((await act(adam, 'olga/reset-two-factor', { reason: 'x' })).status).toBe(200);
    expect(await door.database.authenticator.count({ where: { userId: acme.olga } })).toBe(0);
  });

  it('ends the password of who is deactivated, too, so that it does not come back with them', async () => {
    const olga = await asManager();
    await act(olga, 'agnes/deactivate');
    expect((await act(olga, 'agnes/reset-two-factor', { reason: 'Stolen' })).notice).toMatch(/A link to choose a new password/);
    await act(olga, 'agnes/reactivate');
    expect(await (await signIn('agnes')).get('/')).toMatchObject({ path: '/login' });
    const browser = door.browser();
    const [link = ''] = await linksTo(door, address);
    await browser.submit(await browser.get(link), 'password', { password: fresh });
    expect((await browser.signIn('agnes', fresh)).path).toBe('/two-factor/enroll');
  });

  it('of who has not set it up yet ends sessions and password, told and on record like any other', async () => {
    await door.database.authenticator.deleteMany();
    const half = await signIn('agnes');
    const olga = await asManager();
    expect((await act(olga, 'agnes/reset-two-factor', { reason: 'Not her' })).notice).toMatch(/A link to choose a new password/);
    expect((await half.get('/two-factor/enroll')).path).toBe('/login');
    expect((await mailsTo(door, address)).map(({ subject }) => subject)).toContain('Your two-factor authentication was reset');
    expect(await records('two-factor-reset')).toMatchObject([{ subject: 'agnes', details: '{"reason":"Not her","newPassword":true}' }]);
    await act(olga, 'agnes/reset-two-factor', { reason: 'again' });
    expect(await records('two-factor-reset')).toHaveLength(1);
  });

  it('of who has no factor and no session ends the password all the same: also after a stranger asked for links, and by the operator', async () => {
    await door.database.authenticator.deleteMany();
    const olga = await asManager();
    await door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
    expect(await linksTo(door, address)).toHaveLength(1);
    expect((await act(olga, 'agnes/reset-two-factor', { reason: 'Stolen' })).notice).toMatch(/A link to choose a new password/);
    expect((await door.browser().signIn('agnes', password)).status).toBe(401);
    await act(olga, 'agnes/reset-two-factor', { reason: 'Stolen' });
    expect([await linksTo(door, address), await records('two-factor-reset')]).toMatchObject([{ length: 2 }, { length: 1 }]);
    door.clock.turn(minutes(1));
    expect((await act(olga, 'agnes/reset-two-factor', { reason: 'No mail came' })).notice).toMatch(/A link to choose a new password/);
    expect([await linksTo(door, address), await records('two-factor-reset')]).toMatchObject([{ length: 3 }, { length: 2 }]);

    await addressOf(acme.adam, 'adam@acme.test');
    const operator = door.app.get(TwoFactorReset);
    expect(await operator.resetByOperator('adam', false)).toEqual({ username: 'adam', kept: 'as-asked' });
    expect((await door.browser().signIn('adam', password)).path).toBe('/two-factor/enroll');
    await operator.resetByOperator('adam', false);
    for (let times = 0; times < 2; times += 1)
      expect(await operator.resetByOperator('adam', true)).toEqual({ username: 'adam', kept: undefined });
    expect((await door.browser().signIn('adam', password)).status).toBe(401);
    expect(await linksTo(door, 'adam@acme.test')).toHaveLength(1);
  });

  it('leaves no thief behind who had just given the old password', async () => {
    const olga = await asManager();
    const thief = await signInUnderWay(door, 'agnes');
    await olga.submit(await olga.get(`${people}?q=agnes`), `${people}/agnes/reset-two-factor`, { reason: 'Stolen' });
    expect(await thief.goOn()).toMatchObject({ path: '/login', status: 401 });
    expect((await thief.browser.get('/two-factor/enroll')).path).toBe('/login');
  });

  it('that is clicked twice is done once', async () => {
    const olga = await asManager();
    const page = await olga.get(`${people}?q=agnes`);
    const post = () => olga.submit(page, `${people}/agnes/reset-two-factor`, { reason: 'x' });
    expect((await Promise.all([post(), post()])).map(({ status }) => status)).toEqual([200, 200]);
    expect(await linksTo(door, address)).toHaveLength(1);
    expect(await records('two-factor-reset')).toHaveLength(1);
  });
});

describe('a lost phone', () => {
  const lost = '/two-factor/lost-phone';
  let key: string;
  let adamsKey: string;
  beforeEach(async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: true } });
    for (const name of ['olga', 'adam', 'agnes'] as const) await addressOf(acme[name], `${name}@acme.test`);
    key = await enroll(door, acme.agnes);
  });
  const ask = async (note = 'Call me: room 12') => {
    const browser = door.browser();
    const challenge = await browser.signIn('agnes', password);
    expect(challenge.$(`a[href="${lost}"]`)).toHaveLength(1);
    return { browser, page: await browser.visitAndSubmit(lost, 'note', { note }) };
  };
  const asManager = async (username: 'olga' | 'adam') => {
    const browser = door.browser();
    const own = await enroll(door, acme[username]);
    if (username === 'adam') adamsKey = own;
    await browser.submit(await browser.signIn(username, password), 'code', { code: door.codeOf(own) });
    return browser;
  };
  const subjectsTo = async (address: string) => (await mailsTo(door, address)).map(({ subject }) => subject);

  it('asks owners and administrators, tells the member, and is approved by the reset', async () => {
    const { page } = await ask();
    expect(page).toMatchObject({ path: lost, status: 200 });
    expect(page.text).toMatch(/Help is asked for/);
    for (const helper of ['olga', 'adam']) {
      const [mail] = await mailsTo(door, `${helper}@acme.test`);
      expect(mail?.text).toMatch(/agnes[\s\S]*127\.0\.0\.1[\s\S]*never[\s\S]*Call me: room 12/);
    }
    expect(await subjectsTo('agnes@acme.test')).toEqual(['Your phone was reported as lost']);
    const adam = await asManager('adam');
    const list = await adam.get(people);
    expect(list.testId('lost-phone-request')).toMatch(/Call me: room 12/);
    const approved = await adam.submit(list, `${people}/agnes/reset-two-factor`, { reason: 'Lost phone' });
    expect(approved.notice).toMatch(/Two-factor is reset/);
    expect(approved.testId('lost-phone-request')).toBeUndefined();
    expect(await door.database.lostPhoneRequest.findFirst()).toMatchObject({ decision: 'APPROVED' });
  });

  it('is asked for once while it is open, and three times a day', async () => {
    const { browser, page: asked } = await ask();
    expect(asked.$('form[action="/two-factor/lost-phone"]')).toHaveLength(0);
    const body = new URLSearchParams({ _csrf: String(asked.$('input[name="_csrf"]').first().val()), note: 'again' });
    expect((await browser.send('POST', lost, body)).status).toBe(303);
    expect(await subjectsTo('agnes@acme.test')).toHaveLength(1);
    for (let times = 0; times < 3; times += 1) {
      await door.database.lostPhoneRequest.updateMany({ data: { openFor: null } });
      const { page } = await ask();
      expect(page.status).toBe(times < 2 ? 200 : 429);
    }
    expect(await door.database.lostPhoneRequest.count()).toBe(3);
  });

  it('says when the member has signed in since', async () => {
    await ask();
    const olga = await asManager('olga');
    expect((await olga.get(people)).testId('lost-phone-request')).not.toMatch(/signed in since/);
    door.clock.turn(minutes(1));
    const agnes = door.browser();
    await agnes.submit(await agnes.signIn('agnes', password), 'code', { code: door.codeOf(key) });
    expect((await olga.get(people)).testId('lost-phone-request')).toMatch(/have signed in since/);
  });

  it('is refused, and the member told', async () => {
    await ask();
    const olga = await asManager('olga');
    const page = await olga.submit(await olga.get(people), `${people}/agnes/refuse-lost-phone`);
    expect(page.notice).toMatch(/refused/);
    expect(await subjectsTo('agnes@acme.test')).toContain('Your two-factor authentication was not reset');
    expect(await door.database.authenticator.count({ where: { userId: acme.agnes } })).toBe(1);
    expect(await records('lost-phone-refused')).toHaveLength(1);
  });

  it('is withdrawn by the link in the mail, not by opening it', async () => {
    await ask();
    const [link = ''] = await linksTo(door, 'agnes@acme.test');
    const browser = door.browser();
    const page = await browser.get(link);
    expect(page).toMatchObject({ path: `${lost}/withdraw`, search: '', status: 200 });
    expect(await door.database.lostPhoneRequest.count({ where: { openFor: null } })).toBe(0);
    const done = await Promise.all([1, 2].map(() => browser.clone().submit(page, `${lost}/withdraw`)));
    expect(done.map(({ text }) => /The request is withdrawn/.test(text))).toEqual([true, true]);
    expect(await door.database.lostPhoneRequest.findFirst()).toMatchObject({ decision: 'WITHDRAWN', openFor: null });
    expect(await records('lost-phone-withdrawn')).toHaveLength(1);
    expect((await door.browser().get(link)).status).toBe(404);
    for (const search of ['', '?token=x', `?token=${'A'.repeat(43)}`])
      expect((await door.browser().get(`${lost}/withdraw${search}`)).status).toBe(404);
  });

  it('of an owner is an owner’s affair, and of the only one the operator’s', async () => {
    await enroll(door, acme.olga);
    const browser = door.browser();
    await browser.signIn('olga', password);
    const alone = await browser.get(lost);
    expect(alone.text).toMatch(/gatehouse reset-two-factor olga/);
    const token = String(alone.$('input[name="_csrf"]').first().val());
    await browser.send('POST', lost, new URLSearchParams({ _csrf: token, note: '' }));
    expect(await door.database.lostPhoneRequest.count()).toBe(0);
    await door.database.user.update({ where: { id: acme.agnes }, data: { role: 'OWNER' } });
    await browser.visitAndSubmit(lost, 'note');
    expect(await subjectsTo('adam@acme.test')).toEqual([]);
    expect(await subjectsTo('agnes@acme.test')).toEqual(['A member lost their phone and asks for help']);
    const adam = await asManager('adam');
    const list = await adam.get(people);
    expect(list.testId('lost-phone-request')).toMatch(/Another owner decides/);
    expect((await act(adam, 'olga/refuse-lost-phone')).status).toBe(403);
  });

  it('is over after seven days', async () => {
    await ask();
    door.clock.turn(hours(24 * 7));
    const olga = await asManager('olga');
    expect((await olga.get(people)).testId('lost-phone-request')).toBeUndefined();
    const { page } = await ask();
    expect(page.text).toMatch(/Help is asked for/);
  });

  it('is decided once of an approval and a refusal at the same moment', async () => {
    await ask();
    const [olga, adam] = [await asManager('olga'), await asManager('adam')];
    const [one, two] = [await olga.get(people), await adam.get(people)];
    await Promise.all([
      olga.submit(one, `${people}/agnes/refuse-lost-phone`),
      adam.submit(two, `${people}/agnes/reset-two-factor`, { reason: 'Lost phone' }),
    ]);
    const [request] = await door.database.lostPhoneRequest.findMany();
    const refusals = await records('lost-phone-refused');
    const isRefused = request?.decision === 'REFUSED';
    expect(refusals).toHaveLength(isRefused ? 1 : 0);
    expect(await records('two-factor-reset')).toHaveLength(isRefused ? 0 : 1);
  });

  it('that was withdrawn since the page was opened is not approved, nor by the step-up that it waited for', async () => {
    await ask();
    const adam = await asManager('adam');
    const list = await adam.get(people);
    door.clock.turn(minutes(10));
    const stepUp = await adam.submit(list, `${people}/agnes/reset-two-factor`);
    const [link = ''] = await linksTo(door, 'agnes@acme.test');
    await door.browser().visitAndSubmit(link, `${lost}/withdraw`);
    const refused = await adam.submit(stepUp, 'code', { code: door.codeOf(adamsKey) });
    expect([refused.status, refused.alert]).toEqual([422, expect.stringMatching(/Nothing was reset: that request for help was withdrawn/)]);
    expect((await adam.submit(list, `${people}/agnes/reset-two-factor`)).status).toBe(422);
    expect((await (await signIn('agnes')).get('/')).path).toBe('/two-factor/challenge');
    // The reset that answers no request is another decision.
    const page = await adam.get(`${people}?q=agnes`);
    expect((await adam.submit(page, `${people}/agnes/reset-two-factor`, { reason: 'Called her' })).notice).toMatch(/Two-factor is reset/);
  });

  it('that is approved by a double click is approved once, without an error', async () => {
    await ask();
    const olga = await asManager('olga');
    const list = await olga.get(people);
    const approve = () => olga.submit(list, `${people}/agnes/reset-two-factor`);
    expect((await Promise.all([approve(), approve()])).map(({ status }) => status)).toEqual([200, 200]);
    expect(await records('two-factor-reset')).toHaveLength(1);
  });
});
