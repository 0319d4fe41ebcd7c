import bcrypt from 'bcrypt';
import { Setup } from '../../src/auth/setup.service.js';
import { hashOfRecoveryCode } from '../../src/mfa/domain/recovery-code.js';
import { minutes, seconds } from '../../src/platform/clock.js';
import type { Browser, Fields, PageSeen } from '../support/browser.js';
import { hashOfToken } from '../../src/sessions/session-token.js';
import { hashPassword } from '../../src/users/password-hash.js';
import { cheapHash, type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme, addPerson, enroll, password, signInAs } from '../support/people.js';
import { challengeAddress, type Challenged, SmsDoor } from '../support/sms-challenge.js';
import { Poster } from '../support/two-organizations.js';

const many = 50;
const fresh = 'seven quiet herons wading';
const stored = hashPassword(password, cheapHash);
const recoveryCode = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const each = <Result>(work: (index: number) => Promise<Result>) => Promise.all(Array.from({ length: many }, (_, index) => work(index)));
const count = (pages: readonly PageSeen[], status: number) => pages.filter((page) => page.status === status).length;
const csrfOf = (page: PageSeen) => String(page.$('input[name="_csrf"]').val());

/**
 * Fifty posts at one moment, where a counter that is read and then written would let most of them through. More of the kind,
 * on both databases: test/journeys/challenge (twins), sms-limits (a crowd, two copies), people (two owners who step down).
 */
describe('fifty posts at one moment', () => {
  let sms: SmsDoor;
  let sessions: readonly Challenged[];
  beforeAll(async () => {
    sms = await SmsDoor.open({ environment: { TRUST_PROXY: '1' } });
    sessions = await sms.challenges(many);
  });
  afterAll(() => sms.close());
  afterEach(() => jest.restoreAllMocks());

  const database = () => sms.door.database;
  const records = (kind: string) => database().auditRecord.count({ where: { kind } });
  const post = (browser: Browser, path: string, page: PageSeen, fields: Readonly<Record<string, string>>) =>
    browser.send('POST', path, new URLSearchParams({ _csrf: csrfOf(page), ...fields }));
  const forgetCodes = async () => {
    await database().codeTries.deleteMany();
    await database().recoveryTries.deleteMany();
    await database().session.updateMany({ data: { failedCodes: 0 } });
  };
  const proven = () => database().session.count({ where: { secondFactorAt: { not: null } } });

  describe('of wrong passwords', () => {
    /** @returns the answers, and how many passwords were compared */
    const guess = async (who: (index: number) => { username: string; address: string }) => {
      const forms = await each(async (index) => {
        const browser = sms.door.browser({ 'x-forwarded-for': who(index).address });
        return { browser, page: await browser.get('/login') };
      });
      const compare = jest.spyOn(bcrypt, 'compare').mockClear();
      const answers = await each((index) => {
        const { browser, page } = forms[index]!;
        return post(browser, '/login', page, { username: who(index).username, password: 'wrong password' });
      });
      return { refused: count(answers, 401), waiting: count(answers, 429), compared: compare.mock.calls.length };
    };

    it('compare as many as are free for a name at an address, for a name, and for an address', async () => {
      const pair = await guess(() => ({ username: 'olga', address: '192.0.2.1' }));
      const name = await guess((index) => ({ username: 'adam', address: `198.51.100.${index}` }));
      const address = await guess((index) => ({ username: `nobody${index}`, address: '192.0.2.2' }));
      expect({ pair, name, address }).toEqual({
        pair: { refused: 5, waiting: 45, compared: 5 },
        name: { refused: 20, waiting: 30, compared: 20 },
        address: { refused: 10, waiting: 40, compared: 10 },
      });
    });
  });

  describe('of one right code', () => {
    it('from fifty sessions let one in, and from the windows of one session as well', async () => {
      const code = sms.door.codeOf(sms.key);
      const answers = await each((index) => post(sessions[index]!.browser, challengeAddress, sessions[index]!.page, { code }));
      expect(answers.filter(({ headers }) => headers.get('location') === '/')).toHaveLength(1);
      expect(await proven()).toBe(1);
      await forgetCodes();
      sms.door.clock.turn(seconds(30));
      const session = await sms.challenge();
      const windows = await each(async () => {
        const browser = session.browser.clone();
        return { browser, page: await browser.get(challengeAddress) };
      });
      const next = sms.door.codeOf(sms.key);
      const ofOne = await each((index) => post(windows[index]!.browser, challengeAddress, windows[index]!.page, { code: next }));
      expect(ofOne.filter(({ headers }) => headers.get('location') === '/')).toHaveLength(1);
      expect(await proven()).toBe(2);
    });

    it('for recovery let one in of fifty sessions', async () => {
      await forgetCodes();
      const before = await proven();
      const row = { userId: sms.acme.agnes, codeHash: hashOfRecoveryCode(recoveryCode), createdAt: sms.door.clock.now() };
      await database().recoveryCode.create({ data: row });
      await each((index) => post(sessions[index]!.browser, '/two-factor/recovery', sessions[index]!.page, { recoveryCode }));
      expect(await proven()).toBe(before + 1);
      expect(await records('recovery-code-used')).toBe(1);
    });

    it('by SMS let one in, and fifty sessions that ask for one are sent one', async () => {
      await forgetCodes();
      await database().session.deleteMany({ where: { secondFactorAt: { not: null } } });
      const asked = sms.vonage.requests.length;
      await each((index) => sessions[index]!.postForSms());
      expect(sms.vonage.requests.length - asked).toBe(1);
      sms.door.clock.turn(minutes(1));
      const session = await sms.challenge();
      await session.askForSms();
      const windows = await each(async () => {
        const browser = session.browser.clone();
        return { browser, page: await browser.get(challengeAddress) };
      });
      const code = sms.vonage.lastCode;
      const answers = await each((index) => post(windows[index]!.browser, challengeAddress, windows[index]!.page, { code }));
      expect(answers.filter(({ headers }) => headers.get('location') === '/')).toHaveLength(1);
      expect(await proven()).toBe(1);
      expect(await database().smsCode.count()).toBeLessThanOrEqual(1);
    });
  });

  describe('of wrong codes', () => {
    it('over ten sessions compare ten, then wait, then ten more, and then the second factor is closed', async () => {
      const compared = [];
      for (let round = 0; round < 3; round += 1) {
        const ten = await sms.challenges(10);
        const refusedBefore = await records('code-refused');
        if (round === 0) await forgetCodes();
        const answers = await each((index) => {
          const { browser, page } = ten[index % 10]!;
          return post(browser.clone(), challengeAddress, page, { code: sms.wrongCode });
        });
        compared.push([(await records('code-refused')) - refusedBefore, count(answers, 429) > 0, count(answers, 403) > 0]);
        sms.door.clock.turn(minutes(15));
      }
      // The tenth brings the wait, and the twentieth closes: what comes after is not compared.
      expect(compared).toEqual([
        [10, true, false],
        [10, expect.any(Boolean), true],
        [0, false, true],
      ]);
      expect(await database().codeTries.findUnique({ where: { userId: sms.acme.agnes } })).toMatchObject({ failedInRow: 20 });
      expect(await records('second-factor-closed')).toBe(1);
    });

    it('for recovery compare ten', async () => {
      await database().recoveryTries.deleteMany();
      const session = await sms.challenge();
      const before = await records('code-refused');
      const wrong = (index: number) => ({ recoveryCode: `${'B'.repeat(24)}${'ABCDEFGHIJ'[index % 10]!}${'CDEFG'[index % 5]!}` });
      const answers = await each((index) => post(session.browser.clone(), '/two-factor/recovery', session.page, wrong(index)));
      expect([(await records('code-refused')) - before, count(answers, 429)]).toEqual([10, 40]);
    });

    it('at a step-up compare five and end the session, and a right one is taken once', async () => {
      const userId = await addPerson(sms.door, { organizationId: sms.acme.organizationId, username: 'stella' });
      const key = await enroll(sms.door, userId);
      const enter = async () => {
        const browser = await signInAs(sms.door, 'stella');
        await browser.visitAndSubmit(challengeAddress, 'code', { code: sms.door.codeOf(key) });
        sms.door.clock.turn(seconds(30));
        return browser;
      };
      const right = await enter();
      const tokens = await each(async () => Poster.of(right.clone()));
      const code = sms.door.codeOf(key);
      await each((index) => tokens[index]!.post('/step-up', { code }));
      // The code of the sign-in is one, and that of the step-up another.
      expect(await database().auditRecord.count({ where: { kind: 'step-up', actor: 'stella' } })).toBe(1);
      await forgetCodes();
      sms.door.clock.turn(seconds(30));
      const poster = await Poster.of(await enter());
      const before = await records('code-refused');
      await each(() => poster.post('/step-up', { code: ['000000', '111111'].find((one) => one !== sms.door.codeOf(key)) ?? '' }));
      expect((await records('code-refused')) - before).toBe(5);
      expect((await poster.browser.get('/')).path).toBe('/login');
    });
  });
});

describe('fifty posts of one link', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor({ environment: { TRUST_PROXY: '1' } });
  });
  afterAll(() => door.close());

  const records = (kind: string) => door.database.auditRecord.count({ where: { kind } });
  /** From an address each, so that no limit of addresses stands before. */
  const openedBy = (path: string) =>
    each(async (index) => {
      const browser = door.browser({ 'x-forwarded-for': `203.0.113.${index}` });
      return { browser, page: await browser.get(path) };
    });
  const submitAll = async (path: string, fields: (index: number) => Fields) => {
    const forms = await openedBy(path);
    const from = forms[0]!.page.path;
    return each((index) =>
      forms[index]!.browser.send('POST', from, new URLSearchParams({ _csrf: csrfOf(forms[index]!.page), ...fields(index) })),
    );
  };

  it('for the setup make one organization', async () => {
    const link = new URL((await door.app.get(Setup).createLink()) ?? '');
    const forms = await openedBy(link.pathname + link.search);
    await each((index) => {
      const owner = { organizationName: `First ${index}`, name: 'Olaf', username: `olaf${index}`, email: 'olaf@first.test' };
      return forms[index]!.browser.submit(forms[index]!.page, 'organizationName', { ...owner, password: fresh });
    });
    expect([await door.database.organization.count(), await door.database.user.count()]).toEqual([1, 1]);
    expect(await records('organization-created')).toBe(1);
  });

  it('for a password choose one, and fifty posts that ask for one are sent five', async () => {
    const acme = await addAcme(door);
    await door.database.user.update({ where: { id: acme.olga }, data: { email: 'olga@acme.test' } });
    await submitAll('/password/forgot', () => ({ username: 'olga' }));
    const links = await linksTo(door, 'olga@acme.test');
    expect([links.length, await records('password-link-sent')]).toEqual([5, 5]);
    const open = await door.database.resetLink.findFirstOrThrow({ where: { userId: acme.olga } });
    const newest = links.find((link) => hashOfToken(new URLSearchParams(link.split('?')[1]).get('token') ?? '') === open.tokenHash);
    await submitAll(newest ?? '/no-link', (index) => ({ password: `${fresh} ${index}` }));
    expect(await records('password-reset')).toBe(1);
  });

  it('for an invitation make one member', async () => {
    const olga = await door.database.user.findFirstOrThrow({ where: { username: 'olga' } });
    await door.database.user.update({ where: { id: olga.id }, data: { passwordHash: (await stored).hash } });
    const poster = await Poster.signIn(door, 'olga');
    await poster.post('/organization/people/invite', { emails: 'nina@new.test', role: 'AGENT' });
    const [link] = await linksTo(door, 'nina@new.test');
    const answers = await submitAll(link ?? '/no-link', (index) => ({ name: 'Nina', username: `nina${index}`, password: fresh }));
    expect(await door.database.user.count({ where: { email: 'nina@new.test' } })).toBe(1);
    expect(await records('invitation-accepted')).toBe(1);
    // Five tries a minute of one link: the others are not hashed.
    expect(count(answers, 429)).toBe(45);
  });
});
