import { TwoFactorReminders } from '../../src/organizations/two-factor-reminders.service.js';
import { hours } from '../../src/platform/clock.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, enroll, password, signInAs } from '../support/people.js';
import { mailsTo } from '../support/sent.js';

const configuration = '/organization/configuration';
const banner = 'two-factor-banner';
/** Noon on 24 November is when the doors open: six and a half days before. */
const from = '2026-12-01';
const on = { twoFactorRequired: 'on', twoFactorFrom: from };

describe('a day from which two-factor is asked for', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeEach(async () => {
    door = await openDoor();
    acme = await addAcme(door);
  });
  afterEach(() => door.close());

  const signIn = (username: string) => signInAs(door, username);
  const setPolicy = (data: { twoFactorRequired?: boolean; twoFactorFrom?: Date | null }) =>
    door.database.organization.update({ where: { id: acme.organizationId }, data });
  const storedDate = async () =>
    (await door.database.organization.findUniqueOrThrow({ where: { id: acme.organizationId } })).twoFactorFrom?.toISOString();
  const save = async (fields: Record<string, string>) => {
    const owner = await signIn('olga');
    return owner.visitAndSubmit(configuration, 'twoFactorRequired', fields);
  };

  it('shows members without an authenticator the days that are left, and lets them go on', async () => {
    const before = await signIn('agnes');
    expect((await before.get('/')).testId(banner)).toBeUndefined();
    expect((await save(on)).notice).toMatch(/saved/);
    for (const agnes of [before, await signIn('agnes')])
      for (const path of ['/', '/profile/details', '/profile/security']) {
        const page = await agnes.get(path);
        expect([page.path, page.signedInAs]).toEqual([path, 'agnes']);
        expect(page.testId(banner)?.replace(/\s+/g, ' ')).toMatch(/^7 days left: from 1 December 2026 on, Acme asks for a code/);
        expect(page.$(`[data-testid="${banner}"] a`).attr('href')).toBe('/profile/authenticator');
      }
    expect((await before.get('/')).text).toMatch(/Your password alone, for now/);
    expect((await before.get('/profile/security')).text).toMatch(/From 1 December 2026/);
    expect((await (await signIn('olga')).get(configuration)).text).toMatch(/not asked for one before 1 December 2026/);
  });

  it('holds from its first moment in UTC on, for live sessions too', async () => {
    await save(on);
    door.clock.turn(hours(24 * 6));
    const agnes = await signIn('agnes');
    door.clock.turn(new Date(`${from}T00:00:00Z`).getTime() - door.clock.now().getTime() - 1);
    const last = await agnes.get('/');
    expect([last.signedInAs, last.testId(banner)]).toEqual(['agnes', expect.stringMatching(/^1 day left/)]);
    door.clock.turn(1);
    const asked = await agnes.get('/profile/details');
    expect(asked.path).toBe('/two-factor/enroll');
    expect((await door.browser().signIn('agnes', password)).path).toBe('/two-factor/enroll');
    const codes = await agnes.submit(asked, 'code', { code: door.codeOf(asked.key) });
    expect(codes).toMatchObject({ path: '/profile/recovery-codes', signedInAs: 'agnes' });
  });

  it('asks who has an authenticator at once', async () => {
    await enroll(door, acme.agnes);
    const agnes = await signIn('agnes');
    await save(on);
    expect((await agnes.get('/')).path).toBe('/two-factor/challenge');
  });

  it('lets members set it up early, which is no choice of their own that outlives the policy', async () => {
    await save(on);
    const agnes = await signIn('agnes');
    const page = await agnes.visitAndSubmit('/profile/authenticator', 'code', { code: '' });
    const codes = await agnes.submit(page, 'code', { code: door.codeOf(page.key) });
    expect(codes).toMatchObject({ path: '/profile/recovery-codes', signedInAs: 'agnes' });
    expect((await agnes.get('/')).testId(banner)).toBeUndefined();
    expect((await door.browser().signIn('agnes', password)).path).toBe('/two-factor/challenge');
    expect(await door.database.user.findUniqueOrThrow({ where: { id: acme.agnes } })).toMatchObject({ choseTwoFactor: false });
    await setPolicy({ twoFactorRequired: false });
    expect((await signIn('agnes')).sessionCookie).toBeDefined();
  });

  it('is moved neither by signing in again nor by switching off and on', async () => {
    await save(on);
    const stored = await storedDate();
    expect(stored).toBe('2026-12-01T00:00:00.000Z');
    door.clock.turn(hours(24));
    expect((await (await signIn('agnes')).get('/')).testId(banner)).toMatch(/^6 days left/);
    const owner = await signIn('olga');
    const off = await owner.get(configuration);
    off.$('input[name="twoFactorRequired"]').removeAttr('checked');
    expect((await owner.submit(off, 'twoFactorRequired', { reason: 'A move' })).notice).toMatch(/saved/);
    expect((await (await signIn('agnes')).get('/')).testId(banner)).toBeUndefined();
    door.clock.turn(hours(24));
    // As the page has it, and as a post without the field has it.
    expect((await save({ twoFactorRequired: 'on' })).notice).toMatch(/saved/);
    expect(await storedDate()).toBe(stored);
    expect((await (await signIn('agnes')).get('/')).testId(banner)).toMatch(/^5 days left/);
    const token = String((await owner.get('/')).$('input[name="_csrf"]').val());
    const bare = new URLSearchParams({ _csrf: token, twoFactorRequired: 'on' });
    expect((await owner.send('POST', configuration, bare)).status).toBe(303);
    expect(await storedDate()).toBe(stored);
    // Once it is over, off and on brings no more days.
    door.clock.turn(hours(24 * 10));
    await setPolicy({ twoFactorRequired: false });
    expect((await save({ twoFactorRequired: 'on' })).path).toBe('/two-factor/enroll');
    expect(await storedDate()).toBe(stored);
    expect((await door.browser().signIn('agnes', password)).path).toBe('/two-factor/enroll');
  });

  it('is promised to nobody by the page while two-factor is off, or once it has gone by', async () => {
    const textWith = async (policy: { twoFactorRequired: boolean; twoFactorFrom: Date }) => {
      await setPolicy({ twoFactorRequired: false });
      const owner = await signIn('olga');
      await setPolicy(policy);
      const page = await owner.get(configuration);
      return [page.path, page.$('#twoFactorFrom').val(), /are not asked for one before/.test(page.text)];
    };
    expect(await textWith({ twoFactorRequired: true, twoFactorFrom: new Date(from) })).toEqual([configuration, from, true]);
    expect(await textWith({ twoFactorRequired: false, twoFactorFrom: new Date(from) })).toEqual([configuration, from, false]);
    expect(await textWith({ twoFactorRequired: false, twoFactorFrom: new Date('2026-11-01') })).toEqual([
      configuration,
      '2026-11-01',
      false,
    ]);
  });

  it.each([
    ['today', '2026-11-24'],
    ['gone by', '2026-11-01'],
    ['too far away', '2027-12-01'],
    ['no day of the calendar', '2026-11-31'],
    ['no date', 'tomorrow'],
    ['full of other digits', '２０２６-12-01'],
  ])('is not taken when it is %s, and what was typed stays', async (_, date) => {
    const page = await save({ twoFactorRequired: 'on', twoFactorFrom: date });
    expect([page.status, page.alert]).toEqual([422, expect.stringMatching(/Choose a day from tomorrow on/)]);
    expect(page.$('#twoFactorFrom').val()).toBe(date);
    expect(page.$('input[name="twoFactorRequired"]').prop('checked')).toBe(true);
    expect(await storedDate()).toBeUndefined();
  });

  it('is told to every owner when it is put off', async () => {
    await door.database.user.update({ where: { id: acme.olga }, data: { email: 'olga@acme.test' } });
    await save(on);
    expect(await mailsTo(door, 'olga@acme.test')).toHaveLength(0);
    expect((await save({ ...on, twoFactorFrom: '2026-12-24' })).notice).toMatch(/saved/);
    const [mail] = await mailsTo(door, 'olga@acme.test');
    expect([mail?.subject, mail?.text]).toEqual(['Two-factor authentication was put off', expect.stringMatching(/from 24 December 2026/)]);
  });

  it('that is put off lets those go on who were just asked to set up the app, and nobody who owes a code', async () => {
    const [owner, agnes] = [await signIn('olga'), await signIn('agnes')];
    const adam = await signIn('adam');
    await enroll(door, acme.adam);
    await setPolicy({ twoFactorRequired: true });
    expect((await agnes.get('/')).path).toBe('/two-factor/enroll');
    expect((await adam.get('/')).path).toBe('/two-factor/challenge');
    const enrolled = await owner.get('/');
    await owner.submit(enrolled, 'code', { code: door.codeOf(enrolled.key) });
    expect((await owner.visitAndSubmit(configuration, 'twoFactorRequired', on)).notice).toMatch(/saved/);
    door.clock.turn(hours(1));
    expect((await agnes.get('/')).signedInAs).toBe('agnes');
    expect((await adam.get('/')).path).toBe('/login');
  });

  it('is reminded of by mail at 7 days and at 1 day, once each, and only while it has to be', async () => {
    const addresses = { olga: 'olga@acme.test', adam: 'adam@acme.test', agnes: 'agnes@acme.test' };
    for (const [username, email] of Object.entries(addresses))
      await door.database.user.updateMany({ where: { username }, data: { email } });
    const reminders = door.app.get(TwoFactorReminders);
    const subjects = async (address: string) =>
      (await mailsTo(door, address)).map(({ subject }) => subject).filter((subject) => /left to set up/.test(String(subject)));
    const remind = () => Promise.all([reminders.remindAll(), reminders.remindAll()]);
    await save({ ...on, twoFactorFrom: '2026-12-05' });
    await remind();
    expect(await subjects(addresses.agnes)).toEqual([]);
    door.clock.turn(hours(24 * 4));
    await remind();
    await remind();
    for (const address of Object.values(addresses))
      expect(await subjects(address)).toEqual(['7 days left to set up your authenticator app']);
    await enroll(door, acme.adam);
    door.clock.turn(hours(24 * 6));
    await remind();
    const both = ['1 day left to set up your authenticator app', '7 days left to set up your authenticator app'];
    expect(await subjects(addresses.agnes)).toEqual(both);
    expect(await subjects(addresses.adam)).toEqual(both.slice(1));
    door.clock.turn(hours(24 * 3));
    await remind();
    expect(await subjects(addresses.agnes)).toEqual(both);
  });

  it('is reminded of whoever is due, however many they are and whoever was reminded before', async () => {
    await door.database.$executeRaw`
      INSERT INTO users (id, organization_id, username, username_key, name, email, role, password_hash, password_scheme, created_at)
      SELECT gen_random_uuid(), organization_id, 'many' || n, 'many' || n, name, 'many' || n || '@acme.test', role, password_hash, password_scheme, created_at
      FROM users, generate_series(1, 250) AS n WHERE id = ${acme.agnes}::uuid`;
    const reminders = door.app.get(TwoFactorReminders);
    await save({ ...on, twoFactorFrom: '2026-11-28' });
    const count = () => door.database.twoFactorReminder.count();
    await Promise.all([reminders.remindAll(), reminders.remindAll()]);
    expect(await count()).toBe(250);
    await door.database
      .$executeRaw`DELETE FROM two_factor_reminders WHERE user_id IN (SELECT user_id FROM two_factor_reminders ORDER BY user_id DESC LIMIT 3)`;
    await reminders.remindAll();
    expect(await count()).toBe(250);
  });

  it('reminds of a day that is nearer than the first reminder with the days that are left', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: 'agnes@acme.test' } });
    const reminders = door.app.get(TwoFactorReminders);
    await save({ ...on, twoFactorFrom: '2026-11-28' });
    await reminders.remindAll();
    expect((await mailsTo(door, 'agnes@acme.test')).map(({ subject }) => subject)).toEqual([
      '4 days left to set up your authenticator app',
    ]);
    await setPolicy({ twoFactorRequired: false });
    door.clock.turn(hours(24 * 3));
    await reminders.remindAll();
    expect(await mailsTo(door, 'agnes@acme.test')).toHaveLength(1);
  });
});
