import { minutes } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addOrganization, addPerson, enroll, giveNumber, password, signInAs } from '../support/people.js';
import { mailsTo, type Sent } from '../support/sent.js';

const configuration = '/organization/configuration';
const on = { twoFactorRequired: 'on' };

describe('the policy', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeEach(async () => {
    door = await openDoor();
    acme = await addAcme(door);
  });
  afterEach(() => door.close());

  const signIn = (username: string) => signInAs(door, username);
  const policyOf = () =>
    door.database.organization.findUniqueOrThrow({
      where: { id: acme.organizationId },
      select: { twoFactorRequired: true, smsAllowed: true, twoFactorFrom: true },
    });
  /** Answers the step-up that a post was led to. */
  const stepUp = (browser: Browser, asked: PageSeen, key: string) => browser.submit(asked, 'code', { code: door.codeOf(key) });
  const changes = async () =>
    (await door.database.auditRecord.findMany({ where: { kind: 'policy-changed' } })).map(({ actor, details }) => {
      const { before, after, reason } = JSON.parse(details) as Record<string, string>;
      return [actor, before, after, reason];
    });

  it('is off at first, and its page is for owners and administrators', async () => {
    for (const username of ['olga', 'adam']) {
      const page = await (await signIn(username)).get(configuration);
      expect(page.status).toBe(200);
      expect(page.$('input[name="twoFactorRequired"]').prop('checked')).toBe(false);
      expect(page.$('input[name="smsAllowed"]').prop('disabled')).toBe(true);
      expect(page.$(`nav a[href="${configuration}"]`).attr('aria-current')).toBe('page');
      expect(page.$('nav a[aria-current]')).toHaveLength(1);
    }
  });

  it('is neither shown to an agent nor taken from one', async () => {
    const agent = await signIn('agnes');
    const home = await agent.get('/');
    expect(home.$(`a[href="${configuration}"]`)).toHaveLength(0);
    expect(await agent.get(configuration)).toMatchObject({ status: 403, signedInAs: 'agnes' });
    const token = String(home.$('input[name="_csrf"]').val());
    expect((await agent.send('POST', configuration, new URLSearchParams({ _csrf: token, ...on }))).status).toBe(403);
    expect(await policyOf()).toMatchObject({ twoFactorRequired: false, smsAllowed: false });
  });

  it('says what will happen before it happens', async () => {
    await enroll(door, acme.adam);
    const owner = await (await signIn('olga')).get(configuration);
    expect(owner.text).toMatch(/1 of 3 members/);
    expect(owner.text).toMatch(/2 (others )?will be asked|2 members will be asked|2 .*asked/);
    expect(owner.text).toMatch(/You are one of them/);
    expect((await (await signIn('adam')).get(configuration)).text).not.toMatch(/You are one of them/);
  });

  it('holds at once for every live session and every role, the one who flips it too', async () => {
    const agent = await signIn('agnes');
    const admin = await signIn('adam');
    const owner = await signIn('olga');
    const details = await agent.get('/profile/details');
    const answer = await owner.visitAndSubmit(configuration, 'twoFactorRequired', on);
    expect(answer).toMatchObject({ path: '/two-factor/enroll', status: 200 });
    for (const browser of [agent, admin])
      for (const path of ['/', '/profile/security', configuration]) expect((await browser.get(path)).path).toBe('/two-factor/enroll');
    const posted = await agent.submit(details, 'name', { name: 'Changed' });
    expect(posted.path).toBe('/two-factor/enroll');
    expect((await door.database.user.findUniqueOrThrow({ where: { id: acme.agnes } })).name).toBe('agnes');
  });

  it('leads back to the page that the move interrupted', async () => {
    const agent = await signIn('agnes');
    await (await signIn('olga')).visitAndSubmit(configuration, 'twoFactorRequired', on);
    const page = await agent.get('/profile/details');
    const codes = await agent.submit(page, 'code', { code: door.codeOf(page.key) });
    expect(codes).toMatchObject({ path: '/profile/recovery-codes', search: '?returnTo=%2Fprofile%2Fdetails', signedInAs: 'agnes' });
    expect(await agent.submit(codes, '/profile/recovery-codes/kept')).toMatchObject({ path: '/profile/details', signedInAs: 'agnes' });
  });

  it('leads who is enrolled to the challenge', async () => {
    await enroll(door, acme.agnes);
    const agent = await signIn('agnes');
    await (await signIn('olga')).visitAndSubmit(configuration, 'twoFactorRequired', on);
    expect((await agent.get('/')).path).toBe('/two-factor/challenge');
  });

  it('stops asking when it is switched off, and asks for no new QR code when it is on again', async () => {
    const key = await enroll(door, acme.olga);
    const owner = await signIn('olga');
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', on);
    await owner.visitAndSubmit('/', 'code', { code: door.codeOf(key) });
    const half = await signIn('agnes');
    expect((await half.get('/')).path).toBe('/two-factor/enroll');
    const page = await owner.visitAndSubmit(configuration, 'twoFactorRequired', { twoFactorRequired: '' });
    expect(page.status).toBe(422);
    const off = await owner.get(configuration);
    off.$('input[name="twoFactorRequired"]').removeAttr('checked');
    const unexplained = await owner.submit(off, 'twoFactorRequired');
    expect([unexplained.status, unexplained.alert]).toEqual([422, expect.stringMatching(/Say why/)]);
    expect(unexplained.$('input[name="twoFactorRequired"]').prop('checked')).toBe(false);
    expect((await owner.submit(unexplained, 'twoFactorRequired', { reason: 'A move' })).notice).toMatch(/saved/);
    expect((await half.get('/')).signedInAs).toBe('agnes');
    expect((await signIn('olga')).sessionCookie).toBeDefined();
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', on);
    expect((await door.browser().signIn('olga', password)).path).toBe('/two-factor/challenge');
  });

  it('gives a live session its full 15 minutes whenever it moves', async () => {
    const agent = await signIn('agnes');
    const flip = (twoFactorRequired: boolean) =>
      door.database.organization.update({ where: { id: acme.organizationId }, data: { twoFactorRequired } });
    await flip(true);
    expect((await agent.get('/')).path).toBe('/two-factor/enroll');
    await flip(false);
    expect((await agent.get('/')).signedInAs).toBe('agnes');
    door.clock.turn(minutes(20));
    await flip(true);
    expect((await agent.get('/')).path).toBe('/two-factor/enroll');
    door.clock.turn(minutes(14));
    expect((await agent.get('/')).path).toBe('/two-factor/enroll');
    door.clock.turn(minutes(1));
    const over = await agent.get('/');
    expect(over.path).toBe('/login');
    expect(over.notice).toMatch(/15 minutes/);
  });

  it('brings no session back whose 15 minutes are over', async () => {
    const owner = await signIn('olga');
    const key = await enroll(door, acme.olga);
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', on);
    await owner.visitAndSubmit('/', 'code', { code: door.codeOf(key) });
    const [overdue, inTime] = [await signIn('agnes'), await signIn('adam')];
    door.clock.turn(minutes(14));
    await inTime.get('/');
    const late = await signIn('adam');
    door.clock.turn(minutes(1));
    const off = await owner.get(configuration);
    off.$('input[name="twoFactorRequired"]').removeAttr('checked');
    await stepUp(owner, await owner.submit(off, 'twoFactorRequired', { reason: 'A move' }), key);
    door.clock.turn(minutes(20));
    expect((await overdue.get('/')).path).toBe('/login');
    expect((await inTime.get('/')).path).toBe('/login');
    expect((await late.get('/')).signedInAs).toBe('adam');
  });

  it('saves both switches by one post, and SMS never without two-factor', async () => {
    const owner = await signIn('olga');
    await enroll(door, acme.olga);
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', { smsAllowed: 'on' });
    expect(await policyOf()).toMatchObject({ twoFactorRequired: false, smsAllowed: false });
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', { ...on, smsAllowed: 'on' });
    expect(await policyOf()).toMatchObject({ twoFactorRequired: true, smsAllowed: true });
  });

  it('is written down with who and when, once for a double click', async () => {
    const owner = await signIn('olga');
    await enroll(door, acme.olga);
    const page = await owner.get(configuration);
    await Promise.all([owner.submit(page, 'twoFactorRequired', on), owner.submit(page, 'twoFactorRequired', on)]);
    expect(await changes()).toEqual([['olga', 'off', 'required, without codes by SMS', undefined]]);
  });

  it('is shown with who changed it last, from what to what', async () => {
    expect((await (await signIn('adam')).get(configuration)).text).not.toMatch(/Last change/);
    await (
      await signIn('adam')
    ).visitAndSubmit(configuration, 'twoFactorRequired', { ...on, smsAllowed: 'on', twoFactorFrom: '2026-12-01' });
    const page = await (await signIn('olga')).get(configuration);
    expect(page.text).toMatch(
      /Last change of the policy: adam on 24 November 2026, 12:00 UTC, from “off” to “required, with codes by SMS, from 1 December 2026”/,
    );
  });

  it('shows by name whom the switch touches, yourself too', async () => {
    await enroll(door, acme.adam);
    await giveNumber(door, acme.agnes, '+31612345678');
    const gone = await addPerson(door, { organizationId: acme.organizationId, username: 'gone' });
    await door.database.user.update({ where: { id: gone }, data: { deactivatedAt: door.clock.now() } });
    const page = await (await signIn('olga')).get(configuration);
    const group = (id: string) => page.$(`[data-testid="touched-${id}"]`).text().replace(/\s+/g, ' ').trim();
    expect(group('notEnrolled')).toMatch(/^2 members without an authenticator app, you among them olga olga You ?agnes agnes$/);
    expect(group('enrolled')).toMatch(/^1 member with an authenticator app adam adam$/);
    expect(group('withoutNumber')).toMatch(/^2 members without a mobile number, you among them olga olga You ?adam adam$/);
    expect(group('signedIn')).toMatch(/^1 member signed in now: you olga olga You$/);
  });

  it('names no more than a page can hold, and leads to the rest', async () => {
    for (let index = 0; index < 22; index += 1)
      await addPerson(door, { organizationId: acme.organizationId, username: `member${String(index).padStart(2, '0')}` });
    const page = await (await signIn('olga')).get(configuration);
    const group = page.$('[data-testid="touched-notEnrolled"]');
    expect(group.find('li')).toHaveLength(20);
    expect(group.find('li').first().text()).toMatch(/olga.*You/);
    expect(group.find('a').text()).toBe('And 5 more');
    expect((await (await signIn('olga')).get(String(group.find('a').attr('href')))).text).toMatch(/25 members/);
  });

  it('is switched off only with a reason, which stands on record and is told to every owner', async () => {
    await addPerson(door, { organizationId: acme.organizationId, username: 'otto', role: 'OWNER' });
    const addressed = ['olga', 'otto', 'adam', 'agnes'];
    for (const username of addressed)
      await door.database.user.updateMany({ where: { username }, data: { email: `${username}@acme.test` } });
    const key = await enroll(door, acme.adam);
    const admin = await signIn('adam');
    await admin.visitAndSubmit(configuration, 'twoFactorRequired', on);
    await admin.visitAndSubmit('/', 'code', { code: door.codeOf(key) });
    await admin.visitAndSubmit(configuration, 'twoFactorRequired', { smsAllowed: 'on' });
    const off = await admin.get(configuration);
    off.$('input[name="twoFactorRequired"]').removeAttr('checked');
    expect((await admin.submit(off, 'twoFactorRequired', { reason: '  ' })).alert).toMatch(/Say why/);
    expect((await policyOf()).twoFactorRequired).toBe(true);
    await admin.submit(off, 'twoFactorRequired', { reason: 'The app <b>broke' });
    expect(await policyOf()).toMatchObject({ twoFactorRequired: false, smsAllowed: false });
    expect(await changes()).toContainEqual(['adam', 'required, with codes by SMS', 'off', 'The app <b>broke']);
    const isSwitchedOff = ({ subject }: Sent) => subject === 'Two-factor authentication was switched off';
    for (const owner of ['olga', 'otto']) {
      const [mail, ...more] = (await mailsTo(door, `${owner}@acme.test`)).filter(isSwitchedOff);
      expect(mail?.text).toMatch(/adam switched two-factor authentication off for Acme[^]*Reason: The app <b>broke/);
      expect(more).toEqual([]);
    }
    for (const other of ['adam', 'agnes']) expect((await mailsTo(door, `${other}@acme.test`)).filter(isSwitchedOff)).toEqual([]);
  });

  it('asks who loosens it to prove once more who they are, and finishes the form then', async () => {
    const key = await enroll(door, acme.olga);
    const owner = await signIn('olga');
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', on);
    await owner.visitAndSubmit('/', 'code', { code: door.codeOf(key) });
    door.clock.turn(minutes(11));
    for (const [fields, expected] of [
      [{ smsAllowed: 'on' }, { smsAllowed: true }],
      [{ twoFactorFrom: '2026-12-24' }, { twoFactorFrom: new Date('2026-12-24T00:00:00Z') }],
      [{ twoFactorFrom: '2026-12-25' }, { twoFactorFrom: new Date('2026-12-25T00:00:00Z') }],
    ] as const) {
      const before = await policyOf();
      const asked = await owner.visitAndSubmit(configuration, 'twoFactorRequired', fields);
      expect(asked.path).toBe('/step-up');
      expect(await policyOf()).toEqual(before);
      expect((await stepUp(owner, asked, key)).notice).toMatch(/saved/);
      expect(await policyOf()).toMatchObject(expected);
      door.clock.turn(minutes(11));
    }
    // What asks for more than before is one post, whenever.
    const forward = await owner.visitAndSubmit(configuration, 'twoFactorRequired', { twoFactorFrom: '' });
    expect(forward.notice).toMatch(/saved/);
    expect(await policyOf()).toMatchObject({ twoFactorFrom: null });
  });

  it('is not loosened by who was an administrator when they asked, and is none when they prove it', async () => {
    const key = await enroll(door, acme.adam);
    const admin = await signIn('adam');
    await admin.visitAndSubmit(configuration, 'twoFactorRequired', on);
    await admin.visitAndSubmit('/', 'code', { code: door.codeOf(key) });
    door.clock.turn(minutes(11));
    const off = await admin.get(configuration);
    off.$('input[name="twoFactorRequired"]').removeAttr('checked');
    const asked = await admin.submit(off, 'twoFactorRequired', { reason: 'Farewell' });
    expect(asked.path).toBe('/step-up');
    await door.database.user.update({ where: { id: acme.adam }, data: { role: 'AGENT' } });
    expect(await stepUp(admin, asked, key)).toMatchObject({ path: '/step-up', status: 403, signedInAs: 'adam' });
    expect(await policyOf()).toMatchObject({ twoFactorRequired: true });
    expect((await admin.get('/')).signedInAs).toBe('adam');
  });

  it('touches no other organization', async () => {
    const globex = await addOrganization(door, 'Globex');
    await addPerson(door, { organizationId: globex, username: 'gina', role: 'OWNER' });
    await (await signIn('olga')).visitAndSubmit(configuration, 'twoFactorRequired', on);
    const gina = await signIn('gina');
    expect((await gina.get('/')).signedInAs).toBe('gina');
    expect((await gina.get(configuration)).text).toMatch(/0 of 1 member/);
  });

  it('refuses a switch that is sent twice', async () => {
    const owner = await signIn('olga');
    const token = String((await owner.get(configuration)).$('input[name="_csrf"]').val());
    const body = new URLSearchParams(`twoFactorRequired=on&twoFactorRequired=on`);
    body.set('_csrf', token);
    expect(await owner.send('POST', configuration, body)).toMatchObject({ status: 422, signedInAs: 'olga' });
    expect(await policyOf()).toMatchObject({ twoFactorRequired: false, smsAllowed: false });
  });
});
