import { hashOfRecoveryCode } from '../../src/mfa/domain/recovery-code.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type AcmeWithCodes, openAcmeWithCodes } from '../support/acme-with-codes.js';
import type { Door } from '../support/door.js';
import { recoveryCode, tokenOn } from '../support/every-post.js';
import { linksTo } from '../support/links.js';
import { enroll, password, signInAs } from '../support/people.js';

const challenge = '/two-factor/challenge';
const enrollment = '/two-factor/enroll';
const signedOut = '303 /login?notice=signed-out';

let door: Door;
let acme: AcmeWithCodes['acme'];
let key: string;
beforeEach(async () => {
  ({ door, acme, key } = await openAcmeWithCodes());
});
afterEach(() => door.close());

/** Another tab of the same browser: what one is given, the other has. */
const sameBrowser = (from: Browser, to: Browser) => {
  to.cookies.clear();
  for (const [name, value] of from.cookies) to.cookies.set(name, value);
};
const post = (browser: Browser, path: string, page: PageSeen, fields: Readonly<Record<string, string>> = {}) =>
  browser.send('POST', path, new URLSearchParams({ _csrf: tokenOn(page), ...fields }));
const isHandedOver = ({ headers }: PageSeen) => headers.getSetCookie().some((line) => /^gatehouse=[\w-]/.test(line));
const leadsTo = ({ status, headers }: PageSeen) => `${status} ${headers.get('location') ?? ''}`;
const policy = (twoFactorRequired: boolean) => door.database.organization.updateMany({ data: { twoFactorRequired } });
const nameOf = async (id: string) => (await door.database.user.findUniqueOrThrow({ where: { id } })).name;
const records = (kind: string) => door.database.auditRecord.count({ where: { kind } });

describe('while one tab raises the session’s stage, another', () => {
  it('cannot enroll a second time with the form that it still shows', async () => {
    const tab = door.browser();
    const shown = await tab.signIn('adam', password);
    const other = tab.clone();
    const old = await other.get(enrollment);
    await tab.submit(shown, 'code', { code: door.codeOf(shown.key) });
    const before = await door.database.authenticator.findMany();
    const late = await post(other, enrollment, old, { code: door.codeOf(old.key, 1) });
    expect([leadsTo(late), isHandedOver(late)]).toEqual(['303 /login', false]);
    sameBrowser(tab, other);
    expect(leadsTo(await post(other, enrollment, old, { code: door.codeOf(old.key, 1) }))).toBe('303 /');
    expect(leadsTo(await post(other, challenge, old, { code: door.codeOf(old.key, 1) }))).toBe('303 /');
    expect(await door.database.authenticator.findMany()).toEqual(before);
    expect(await records('authenticator-added')).toBe(1);
  });

  it('cannot confirm the same secret at the same moment', async () => {
    const tab = door.browser();
    await tab.signIn('adam', password);
    const tabs = Array.from({ length: 5 }, () => tab.clone());
    const pages = await Promise.all(tabs.map((one) => one.get(enrollment)));
    expect(new Set(pages.map((page) => page.key)).size).toBe(1);
    const answers = await Promise.all(
      tabs.map((one, index) => post(one, enrollment, pages[index]!, { code: door.codeOf(pages[index]!.key) })),
    );
    expect(answers.filter(isHandedOver)).toHaveLength(1);
    expect(await records('authenticator-added')).toBe(1);
    expect(await door.database.recoveryCode.count()).toBe(10);
    expect(await door.database.session.count({ where: { userId: acme.adam } })).toBe(1);
  });

  it('cannot answer the challenge with the same code, at the same moment or later', async () => {
    const tab = door.browser();
    await tab.signIn('agnes', password);
    const tabs = Array.from({ length: 4 }, () => tab.clone());
    const pages = await Promise.all(tabs.map((one) => one.get(challenge)));
    const code = door.codeOf(key);
    const answers = await Promise.all(tabs.map((one, index) => post(one, challenge, pages[index]!, { code })));
    expect(answers.filter(isHandedOver)).toHaveLength(1);
    expect(await records('sign-in')).toBe(1);
    const inside = tabs[answers.findIndex(isHandedOver)]!;
    for (const [index, one] of tabs.entries())
      if (one !== inside) expect(isHandedOver(await post(one, challenge, pages[index]!, { code: door.codeOf(key, 1) }))).toBe(false);
    expect((await inside.get('/')).signedInAs).toBe('agnes');
    const thief = door.browser();
    const again = await thief.signIn('agnes', password);
    expect((await thief.submit(again, 'code', { code })).status).toBe(401);
  });

  it('cannot use up a second right proof: of authenticator and recovery code at one moment, one is taken', async () => {
    await door.database.recoveryCode.create({
      data: { userId: acme.agnes, codeHash: hashOfRecoveryCode(recoveryCode), createdAt: door.clock.now() },
    });
    for (let round = 0; round < 3; round += 1) {
      await door.database.recoveryCode.updateMany({ data: { usedAt: null } });
      await door.database.authenticator.updateMany({ data: { lastUsedStep: 0 } });
      const tab = door.browser();
      await tab.signIn('agnes', password);
      const other = tab.clone();
      const [byApp, byCode] = [await tab.get(challenge), await other.get('/two-factor/recovery')];
      const answers = await Promise.all([
        post(tab, challenge, byApp, { code: door.codeOf(key) }),
        post(other, '/two-factor/recovery', byCode, { recoveryCode }),
      ]);
      expect(answers.filter(isHandedOver)).toHaveLength(1);
      const { usedAt } = await door.database.recoveryCode.findFirstOrThrow();
      const { lastUsedStep } = await door.database.authenticator.findFirstOrThrow();
      expect([usedAt !== null, lastUsedStep > 0]).toEqual([isHandedOver(answers[1]), isHandedOver(answers[0])]);
    }
  });

  it('that kept the old cookie is out, in the hands of a thief as well', async () => {
    const tab = door.browser();
    const page = await tab.signIn('agnes', password);
    const thief = tab.clone();
    const seen = await thief.get(challenge);
    await tab.submit(page, 'code', { code: door.codeOf(key) });
    for (const path of ['/', challenge, '/profile/details', enrollment]) expect((await thief.clone().get(path)).path).toBe('/login');
    for (const path of ['/logout', challenge, '/two-factor/recovery', '/two-factor/lost-phone', '/profile/sessions/end-others'])
      expect(leadsTo(await post(thief.clone(), path, seen, { code: door.codeOf(key, 1), recoveryCode }))).toBe('303 /login');
    expect((await tab.get('/')).signedInAs).toBe('agnes');
  });

  it('of the same browser still posts, by the token from before', async () => {
    const tab = door.browser();
    const page = await tab.signIn('agnes', password);
    const other = tab.clone();
    await tab.submit(page, 'code', { code: door.codeOf(key) });
    sameBrowser(tab, other);
    expect(leadsTo(await post(other, '/logout', page))).toBe(signedOut);
    expect((await tab.get('/')).path).toBe('/login');
  });
});

describe('between a page and its post', () => {
  it('a policy that is switched on stops the post, with and without an authenticator', async () => {
    await policy(false);
    for (const [username, id, owed] of [
      ['agnes', acme.agnes, challenge],
      ['adam', acme.adam, enrollment],
    ] as const) {
      const tab = await signInAs(door, username);
      const [details, stepUp, configuration] = [await tab.get('/profile/details'), await tab.get('/step-up'), await tab.get('/')];
      await policy(true);
      const email = { name: 'Mallory', email: 'mallory@evil.test' };
      expect(leadsTo(await post(tab, '/profile/details', details, email))).toBe(`303 ${owed}`);
      expect(leadsTo(await post(tab, '/step-up', stepUp, { password, code: door.codeOf(key) }))).toBe(`303 ${owed}`);
      expect(leadsTo(await post(tab, '/organization/configuration', configuration, { reason: 'x' }))).toBe(`303 ${owed}`);
      expect(leadsTo(await post(tab, '/profile/authenticator', details, { code: door.codeOf(key) }))).toBe(`303 ${owed}`);
      expect(await nameOf(id)).toBe(username);
      expect(await door.database.organization.count({ where: { twoFactorRequired: true } })).toBe(1);
      await policy(false);
    }
  });

  it('a lost role stops the post, and so does a deactivation', async () => {
    await policy(false);
    const tab = await signInAs(door, 'adam');
    const page = await tab.get('/organization/configuration');
    await door.database.user.update({ where: { id: acme.adam }, data: { role: 'AGENT' } });
    expect((await post(tab, '/organization/configuration', page, { twoFactorRequired: 'on' })).status).toBe(403);
    expect((await post(tab, '/organization/people/agnes/deactivate', page)).status).toBe(403);
    await door.database.user.update({ where: { id: acme.adam }, data: { deactivatedAt: door.clock.now() } });
    expect(leadsTo(await post(tab, '/profile/details', page, { name: 'Mallory', email: '' }))).toBe('303 /login');
    expect(await nameOf(acme.adam)).toBe('adam');
    expect(await door.database.organization.count({ where: { twoFactorRequired: true } })).toBe(0);
  });

  it('signing out in another tab stops the post; at the same moment, nobody is in who was told to be out', async () => {
    await policy(false);
    const tab = await signInAs(door, 'agnes');
    const page = await tab.get('/profile/details');
    const other = tab.clone();
    await tab.submit(page, '/logout');
    expect(leadsTo(await post(other, '/profile/details', page, { name: 'Mallory', email: '' }))).toBe('303 /login');
    expect(await nameOf(acme.agnes)).toBe('agnes');
    for (let round = 0; round < 3; round += 1) {
      const one = await signInAs(door, 'adam');
      const shown = await one.get('/step-up');
      const tabs = [one.clone(), one.clone(), one.clone()] as const;
      const answers = await Promise.all([
        post(tabs[0], '/logout', shown),
        post(tabs[1], '/step-up', shown, { password }),
        post(tabs[2], '/logout', shown),
      ]);
      expect(answers.map(({ status }) => status >= 500)).toEqual([false, false, false]);
      const hasLeft = answers.some((answer) => leadsTo(answer) === signedOut);
      const inside = [];
      for (const each of [one, ...tabs]) if ((await each.get('/')).signedInAs) inside.push(each);
      expect(inside.length).toBeLessThanOrEqual(hasLeft ? 0 : 1);
      expect(await door.database.session.count({ where: { userId: acme.adam } })).toBe(hasLeft ? 0 : 1);
      await door.database.session.deleteMany();
    }
  });

  it('signing out at the challenge while its code is on the way leaves nobody half in', async () => {
    for (let round = 0; round < 3; round += 1) {
      await door.database.authenticator.updateMany({ data: { lastUsedStep: 0 } });
      const tab = door.browser();
      const page = await tab.signIn('agnes', password);
      const [leaving, entering] = [tab.clone(), tab.clone()];
      const [out, inside] = await Promise.all([
        post(leaving, '/logout', page),
        post(entering, challenge, page, { code: door.codeOf(key) }),
      ]);
      expect([out.status, inside.status].every((status) => status < 500)).toBe(true);
      const hasLeft = leadsTo(out) === signedOut;
      expect((await entering.get('/')).signedInAs).toBe(hasLeft ? undefined : 'agnes');
      expect(await door.database.session.count({ where: { userId: acme.agnes } })).toBe(hasLeft ? 0 : 1);
      await door.database.session.deleteMany();
    }
  });
});

describe('while another link is opened in the same browser, a form that was shown for the first', () => {
  const fresh = 'seven quiet herons wading';
  const hashes = async () => (await door.database.user.findMany({ orderBy: { id: 'asc' } })).map(({ passwordHash }) => passwordHash);
  const askForPassword = (username: string) => door.browser().visitAndSubmit('/password/forgot', 'username', { username });
  const reportLostPhone = async (username: string) => {
    const member = door.browser();
    await member.signIn(username, password);
    return member.visitAndSubmit('/two-factor/lost-phone', 'note', { note: '' });
  };
  beforeEach(async () => {
    for (const username of ['agnes', 'adam'] as const)
      await door.database.user.update({ where: { id: acme[username] }, data: { email: `${username}@acme.test` } });
    await enroll(door, acme.adam);
  });
  /** The browser in which agnes's page is shown and adam's link is opened after it. */
  const openBoth = async (send: (username: string) => Promise<unknown>) => {
    await send('agnes');
    await send('adam');
    const [[first = ''], [second = '']] = [await linksTo(door, 'agnes@acme.test'), await linksTo(door, 'adam@acme.test')];
    const tab = door.browser();
    const shown = await tab.get(first);
    expect(shown.text).toMatch(/\bagnes\b/);
    expect((await tab.get(second)).text).toMatch(/\badam\b/);
    return { tab, shown };
  };

  it('sets no password on the other’s account', async () => {
    const before = await hashes();
    const { tab, shown } = await openBoth(askForPassword);
    const late = await tab.submit(shown, 'password', { password: fresh });
    expect([late.status, late.alert]).toEqual([422, expect.stringMatching(/Another link was opened/)]);
    expect(late.text).toMatch(/\badam\b/);
    expect(await hashes()).toEqual(before);
    expect((await tab.submit(late, 'password', { password: fresh })).path).toBe('/login');
    expect((await door.browser().signIn('adam', fresh)).status).toBe(200);
  });

  it('withdraws nothing of the other’s', async () => {
    const { tab, shown } = await openBoth(reportLostPhone);
    const late = await tab.submit(shown, '/two-factor/lost-phone/withdraw');
    expect([late.status, late.alert]).toEqual([422, expect.stringMatching(/Another link was opened/)]);
    expect(await door.database.lostPhoneRequest.count({ where: { openFor: null } })).toBe(0);
    expect((await tab.submit(late, '/two-factor/lost-phone/withdraw')).status).toBe(200);
    expect(await door.database.lostPhoneRequest.count({ where: { openFor: acme.agnes } })).toBe(1);
  });
});
