import { minutes } from '../../src/platform/clock.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addOrganization, addPerson, enroll, password } from '../support/people.js';

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

  const signIn = async (username: string) => {
    const browser = door.browser();
    await browser.signIn(username, password);
    return browser;
  };
  const policyOf = () =>
    door.database.organization.findUniqueOrThrow({
      where: { id: acme.organizationId },
      select: { twoFactorRequired: true, smsAllowed: true },
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
    expect(await policyOf()).toEqual({ twoFactorRequired: false, smsAllowed: false });
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
    expect((await owner.submit(off, 'twoFactorRequired')).notice).toMatch(/saved/);
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
    await owner.submit(off, 'twoFactorRequired');
    door.clock.turn(minutes(20));
    expect((await overdue.get('/')).path).toBe('/login');
    expect((await inTime.get('/')).path).toBe('/login');
    expect((await late.get('/')).signedInAs).toBe('adam');
  });

  it('saves both switches by one post, and SMS never without two-factor', async () => {
    const owner = await signIn('olga');
    await enroll(door, acme.olga);
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', { smsAllowed: 'on' });
    expect(await policyOf()).toEqual({ twoFactorRequired: false, smsAllowed: false });
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', { ...on, smsAllowed: 'on' });
    expect(await policyOf()).toEqual({ twoFactorRequired: true, smsAllowed: true });
  });

  it('is written down with who and when, once for a double click', async () => {
    const owner = await signIn('olga');
    await enroll(door, acme.olga);
    const page = await owner.get(configuration);
    await Promise.all([owner.submit(page, 'twoFactorRequired', on), owner.submit(page, 'twoFactorRequired', on)]);
    const changes = await door.database.policyChange.findMany();
    expect(changes).toEqual([
      expect.objectContaining({
        changedById: acme.olga,
        changedAt: door.clock.now(),
        twoFactorRequiredBefore: false,
        twoFactorRequiredAfter: true,
      }),
    ]);
  });

  it('is shown with who changed it last', async () => {
    await door.database.policyChange.create({
      data: {
        organizationId: acme.organizationId,
        changedById: acme.adam,
        changedAt: door.clock.now(),
        twoFactorRequiredBefore: true,
        twoFactorRequiredAfter: false,
        smsAllowedBefore: false,
        smsAllowedAfter: false,
      },
    });
    const page = await (await signIn('olga')).get(configuration);
    expect(page.text).toMatch(/adam/);
    expect(page.text).toMatch(/24 November 2026/);
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
    expect(await policyOf()).toEqual({ twoFactorRequired: false, smsAllowed: false });
  });
});
