import { setTimeout as pause } from 'node:timers/promises';
import { ResetLinks } from '../../src/auth/reset-links.service.js';
import { seconds } from '../../src/platform/clock.js';
import { OrganizationStore } from '../../src/organizations/organization.store.js';
import { type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { MembershipStore } from '../../src/users/membership.store.js';
import type { PageSeen } from '../support/browser.js';
import { createTestDatabase, dropTestDatabase } from '../support/databases.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme, enroll, password } from '../support/people.js';

const address = 'agnes@acme.test';

describe('a member whose row is held', () => {
  let url: string;
  let opened: OpenedDatabase;
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeAll(async () => {
    url = await createTestDatabase();
    opened = openServer(url);
    door = await openDoor({ database: opened.database });
    acme = await addAcme(door);
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: address } });
  });
  afterAll(async () => {
    await door.close();
    await opened.close();
    await dropTestDatabase(url);
  });

  it('replaces the authenticator or is signed out, one after the other', async () => {
    const key = await enroll(door, acme.adam);
    await door.database.user.update({ where: { id: acme.adam }, data: { choseTwoFactor: true } });
    const [first, second] = [door.browser(), door.browser()];
    await first.submit(await first.signIn('adam', password), 'code', { code: door.codeOf(key) });
    door.clock.turn(seconds(30));
    await second.submit(await second.signIn('adam', password), 'code', { code: door.codeOf(key) });
    const page = await second.get('/profile/authenticator');
    const [older, newer] = await door.database.session.findMany({ where: { userId: acme.adam }, orderBy: { passwordAt: 'asc' } });
    let replacing: Promise<PageSeen> | undefined;
    await door.database.$transaction(async (transaction) => {
      await door.app.get(MembershipStore).lock(transaction, acme.adam);
      await transaction.session.delete({ where: { id: older!.id } });
      replacing = second.submit(page, 'code', { code: door.codeOf(page.key) });
      await pause(500);
      await transaction.session.delete({ where: { id: newer!.id } });
    });
    expect(await replacing).toMatchObject({ path: '/login', status: 200 });
    expect(await door.database.session.count()).toBe(0);
  });

  it('posts a code while their sessions are ended, and neither fails for the other', async () => {
    const key = await enroll(door, acme.olga);
    await door.database.user.update({ where: { id: acme.olga }, data: { choseTwoFactor: true } });
    const browser = door.browser();
    const page = await browser.signIn('olga', password);
    let posting: Promise<PageSeen> | undefined;
    await door.database.$transaction(async (transaction) => {
      await door.app.get(MembershipStore).lock(transaction, acme.olga);
      posting = browser.submit(page, 'code', { code: door.codeOf(key) });
      await pause(500);
      await transaction.session.deleteMany({ where: { userId: acme.olga } });
    });
    expect(await posting).toMatchObject({ path: '/two-factor/challenge', status: 401 });
    expect((await browser.get('/')).path).toBe('/login');
    await door.database.authenticator.deleteMany({ where: { userId: acme.olga } });
    await door.database.user.update({ where: { id: acme.olga }, data: { choseTwoFactor: false } });
  });

  it('is not changed by a session that is ended at that moment', async () => {
    await door.database.user.update({ where: { id: acme.olga }, data: { email: 'olga@acme.test' } });
    const thief = door.browser();
    await thief.signIn('olga', password);
    const page = await thief.get('/profile/details');
    let changing: Promise<PageSeen> | undefined;
    await door.database.$transaction(async (transaction) => {
      await door.app.get(MembershipStore).lock(transaction, acme.olga);
      changing = thief.submit(page, 'email', { email: 'thief@evil.test' });
      await pause(500);
      await transaction.session.deleteMany({ where: { userId: acme.olga } });
    });
    expect((await changing)?.path).toBe('/login');
    expect(await door.database.user.findUniqueOrThrow({ where: { id: acme.olga } })).toMatchObject({ email: 'olga@acme.test' });
  });

  it('changes no policy when their role is taken at that moment', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { role: 'ADMIN' } });
    const admin = door.browser();
    await admin.signIn('agnes', password);
    const page = await admin.get('/organization/configuration');
    let changing: Promise<PageSeen> | undefined;
    await door.database.$transaction(async (transaction) => {
      await door.app.get(OrganizationStore).lock(transaction, acme.organizationId);
      changing = admin.submit(page, 'twoFactorRequired', { twoFactorRequired: 'on' });
      await pause(500);
      await transaction.user.update({ where: { id: acme.agnes }, data: { role: 'AGENT' } });
    });
    expect((await changing)?.status).toBe(403);
    expect(await door.database.organization.findFirst()).toMatchObject({ twoFactorRequired: false });
  });

  it('is sent both links when a reset and a forgotten password meet, and neither fails for the other', async () => {
    const agnes = { userId: acme.agnes, username: 'agnes', email: address, organization: { id: acme.organizationId } };
    await door.database.$transaction(async (transaction) => {
      await door.app.get(MembershipStore).lock(transaction, acme.agnes);
      await door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
      await pause(500);
      await door.app.get(ResetLinks).send(transaction, agnes, { kind: 'two-factor-reset' });
    });
    expect(await linksTo(door, address)).toHaveLength(2);
  });
});
