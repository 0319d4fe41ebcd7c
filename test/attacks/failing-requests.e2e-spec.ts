import { minutes } from '../../src/platform/clock.js';
import { hashOfRecoveryCode } from '../../src/mfa/domain/recovery-code.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Broken, whileBroken } from '../support/broken-tables.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { codeTo } from '../support/sent.js';
import { Poster } from '../support/two-organizations.js';

const challenge = '/two-factor/challenge';
const recovery = '/two-factor/recovery';
const number = '+31612345678';
const fresh = 'seven quiet herons wading';
const recoveryCode = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A lock that is rolled back with the request that failed is no lock (CVE-2026-35597). */
describe('a request that fails', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  let key: string;
  beforeEach(async () => {
    door = await openDoor({ environment: { TRUST_PROXY: '1' } });
    acme = await addAcme(door, { twoFactorRequired: true, smsAllowed: true });
    key = await enroll(door, acme.agnes);
    await giveNumber(door, acme.agnes, number);
    for (const name of ['olga', 'agnes'] as const)
      await door.database.user.update({ where: { id: acme[name] }, data: { email: `${name}@acme.test` } });
  });
  afterEach(() => door.close());

  const wrong = () =>
    ['000000', '111111', '222222', '333333'].find((code) => ![-1, 0, 1].map((step) => door.codeOf(key, step)).includes(code))!;
  const post = (browser: Browser, page: PageSeen, fields: Readonly<Record<string, string>>, path = page.path) =>
    browser.send('POST', path, new URLSearchParams({ _csrf: String(page.$('input[name="_csrf"]').val()), ...fields }));
  const pastPassword = async (username = 'agnes') => {
    const browser = door.browser();
    return { browser, page: await browser.signIn(username, password) };
  };
  const inRow = async () => (await door.database.codeTries.findUnique({ where: { userId: acme.agnes } }))?.failedInRow ?? 0;
  const repeat = async (times: number, act: (index: number) => Promise<PageSeen>) => {
    const statuses = [];
    for (let index = 0; index < times; index += 1) statuses.push((await act(index)).status);
    return statuses;
  };
  const of = (status: number, times: number) => Array<number>(times).fill(status);
  const refusedRecord: Broken = { table: 'audit_records', on: 'INSERT', kind: 'code-refused' };

  describe('behind what was done already is no failure of it, and is made up for: the counters', () => {
    const fullDisk = { table: 'password_tries', on: 'DELETE', sqlState: '53100' } as const;
    /** What the address has tried stays counted, whoever it tried. */
    const countedFor = () => door.database.passwordTries.count({ where: { failed: { gt: 0 }, key: { not: { startsWith: 'address:' } } } });
    const untilForgotten = async () => {
      while ((await countedFor()) > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    };
    beforeEach(async () => {
      await door.browser().signIn('agnes', 'wrong password');
      expect(await countedFor()).toBeGreaterThan(0);
    });

    it('of wrong passwords, behind a new one by a link', async () => {
      await door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
      const [link = ''] = await linksTo(door, 'agnes@acme.test');
      const browser = door.browser();
      const page = await browser.get(link);
      const saved = await whileBroken(door.database, fullDisk, () => browser.submit(page, 'password', { password: fresh }));
      expect([saved.path, saved.status]).toEqual(['/login', 200]);
      await untilForgotten();
      expect((await door.browser().signIn('agnes', fresh)).path).toBe(challenge);
    });

    it('of wrong passwords, behind a right one, though it opens nothing', async () => {
      const browser = door.browser();
      const page = await browser.get('/login');
      const refused = await whileBroken(door.database, fullDisk, () => browser.submit(page, 'password', { username: 'agnes', password }));
      expect([refused.path, refused.status]).toEqual(['/login', 503]);
      expect(await door.database.session.count()).toBe(0);
      await untilForgotten();
      expect((await browser.signIn('agnes', password)).path).toBe(challenge);
    });
  });

  describe('after a wrong try leaves the try charged', () => {
    it('of a password', async () => {
      const { browser, page } = { browser: door.browser(), page: await door.browser().get('/login') };
      browser.cookies.set('visitor', (page.headers.getSetCookie()[0] ?? '').split(';')[0]!.split(/=(.*)/s)[1]!);
      const guess = () => post(browser, page, { username: 'olga', password: 'wrong password' });
      const broken = { table: 'audit_records', on: 'INSERT', kind: 'password-refused' } as const;
      expect(await whileBroken(door.database, broken, () => repeat(7, guess))).toEqual([...of(500, 5), 429, 429]);
      expect((await post(browser, page, { username: 'olga', password })).status).toBe(429);
    });

    it('of a code, over all challenges, until the second factor is closed', async () => {
      const statuses = await whileBroken(door.database, refusedRecord, async () => {
        const all = [];
        for (let round = 0; round < 4; round += 1) {
          const { browser, page } = await pastPassword();
          all.push(await repeat(6, () => post(browser, page, { code: wrong() }, challenge)));
          if (round % 2 === 1) door.clock.turn(minutes(15));
        }
        return all;
      });
      // The sixth of the first challenge finds it over; the tenth code brings the wait, the twentieth the end.
      expect(statuses).toEqual([
        [...of(500, 5), 303],
        [...of(500, 5), 429],
        [...of(500, 5), 303],
        [...of(500, 5), 403],
      ]);
      expect(await inRow()).toBe(20);
    });

    it('of a code in a challenge that cannot be ended', async () => {
      const { browser, page } = await pastPassword();
      const statuses = await whileBroken(door.database, { table: 'sessions', on: 'DELETE' }, () =>
        repeat(8, () => post(browser, page, { code: wrong() }, challenge)),
      );
      expect(statuses).toEqual([...of(401, 4), ...of(500, 4)]);
      expect(await inRow()).toBe(5);
      expect((await post(browser, page, { code: door.codeOf(key) }, challenge)).headers.get('location')).toMatch(/^\/login/);
    });

    it('of a recovery code', async () => {
      const { browser, page } = await pastPassword();
      const guess = () => post(browser, page, { recoveryCode: 'B'.repeat(26) }, recovery);
      expect(await whileBroken(door.database, refusedRecord, () => repeat(12, guess))).toEqual([...of(500, 10), 429, 429]);
    });

    it('of a step-up, by code and by password', async () => {
      const { browser, page } = await pastPassword();
      await browser.submit(page, 'code', { code: door.codeOf(key) });
      const byCode = await Poster.of(browser);
      expect(await whileBroken(door.database, refusedRecord, () => repeat(6, () => byCode.post('/step-up', { code: wrong() })))).toEqual([
        ...of(500, 5),
        303,
      ]);
      expect(await inRow()).toBe(5);
      await door.database.organization.updateMany({ data: { twoFactorRequired: false } });
      const byPassword = await Poster.signIn(door, 'olga');
      const broken = { table: 'audit_records', on: 'INSERT', kind: 'password-refused' } as const;
      const statuses = await whileBroken(door.database, broken, () =>
        repeat(6, (index) =>
          index % 2
            ? byPassword.post('/step-up', { password: 'wrong password' })
            : byPassword.post('/profile/password', { currentPassword: 'wrong password', password: fresh }),
        ),
      );
      expect(statuses).toEqual([...of(500, 5), 429]);
    });

    it('of a mail or a message that may be asked for so often, or a link', async () => {
      await door.database.organization.updateMany({ data: { twoFactorRequired: false } });
      const browser = door.browser();
      const forgot = await browser.get('/password/forgot');
      const ask = () => post(browser, forgot, { username: 'olga' });
      expect(await whileBroken(door.database, { table: 'reset_links', on: 'INSERT' }, () => repeat(6, ask))).toEqual([...of(303, 5), 429]);
      const olga = await Poster.signIn(door, 'olga');
      const invite = (emails = 'nina@new.test') => olga.post('/organization/people/invite', { emails, role: 'AGENT' });
      expect(await whileBroken(door.database, { table: 'invitations', on: 'INSERT' }, () => repeat(4, () => invite()))).toEqual([
        ...of(500, 3),
        429,
      ]);
      await invite('nils@new.test');
      const [link] = await linksTo(door, 'nils@new.test');
      const guest = door.browser();
      const page = await guest.get(link ?? '/no-link');
      const join = () => post(guest, page, { name: 'Nils', username: 'nils', password: fresh });
      expect(await whileBroken(door.database, { table: 'users', on: 'INSERT' }, () => repeat(6, join))).toEqual([...of(500, 5), 429]);
    });

    it('of a message by SMS', async () => {
      const { browser, page } = await pastPassword();
      const send = () => post(browser, page, {}, `${challenge}/sms`);
      const statuses = await whileBroken(door.database, { table: 'sms_messages', on: 'UPDATE' }, async () => [
        (await send()).status,
        (await post(browser, await browser.get(challenge), {}, `${challenge}/sms`)).status,
      ]);
      expect(statuses).toEqual([500, 429]);
      expect(await door.database.smsMessage.count()).toBe(1);
    });
  });

  describe('before anything could be compared gives the try back', () => {
    it('where the secret cannot be read', async () => {
      const { browser, page } = await pastPassword();
      const { secret } = await door.database.authenticator.findUniqueOrThrow({ where: { userId: acme.agnes } });
      const put = (value: string) => door.database.authenticator.update({ where: { userId: acme.agnes }, data: { secret: value } });
      await put(secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')).replace(/^v1\.test/, 'v1.gone'));
      expect(await repeat(12, () => post(browser, page, { code: wrong() }, challenge))).toEqual(of(503, 12));
      expect(await inRow()).toBe(0);
      await put(secret);
      expect((await post(browser, page, { code: door.codeOf(key) }, challenge)).headers.get('location')).toBe('/');
    });

    it('and tells nobody whether the code would have been right, where one of two factors cannot be looked up', async () => {
      const { browser, page } = await pastPassword();
      await door.database.$executeRaw`ALTER TABLE sms_codes RENAME COLUMN sent_at TO gone`;
      const codes = [wrong(), door.codeOf(key), wrong()];
      const statuses = await repeat(3, (index) => post(browser, page, { code: codes[index]! }, challenge));
      await door.database.$executeRaw`ALTER TABLE sms_codes RENAME COLUMN gone TO sent_at`;
      expect(statuses).toEqual(of(500, 3));
      expect(await inRow()).toBe(0);
      expect((await post(browser, page, { code: door.codeOf(key) }, challenge)).headers.get('location')).toBe('/');
    });
  });

  /** What a right password, code or link does, and what must be there, all or none of it. */
  describe('after a right one leaves nothing half done', () => {
    const proven = () => door.database.session.count({ where: { secondFactorAt: { not: null } } });
    const records = (kind: string) => door.database.auditRecord.count({ where: { kind } });

    it('of a password', async () => {
      const browser = door.browser();
      const page = await browser.get('/login');
      const enter = () => post(browser, page, { username: 'agnes', password });
      for (const broken of [
        { table: 'sessions', on: 'INSERT' },
        { table: 'audit_records', on: 'INSERT', kind: 'password-accepted' },
      ] as const) {
        const { status, headers } = await whileBroken(door.database, broken, enter);
        expect([status, headers.getSetCookie().filter((line) => line.startsWith('gatehouse='))]).toEqual([500, []]);
        expect(await door.database.session.count()).toBe(0);
      }
      expect((await enter()).headers.get('location')).toBe(challenge);
      expect(await records('password-accepted')).toBe(1);
    });

    it('of a code of the app, by SMS, and for recovery', async () => {
      const codeHash = hashOfRecoveryCode(recoveryCode);
      await door.database.recoveryCode.create({ data: { userId: acme.agnes, codeHash, createdAt: door.clock.now() } });
      const ways: Readonly<Record<string, (browser: Browser) => Promise<readonly [string, Readonly<Record<string, string>>]>>> = {
        app: () => Promise.resolve([challenge, { code: door.codeOf(key) }]),
        sms: async (browser) => {
          await browser.visitAndSubmit(challenge, `${challenge}/sms`);
          return [challenge, { code: await codeTo(door, number) }];
        },
        recovery: () => Promise.resolve([recovery, { recoveryCode }]),
      };
      const factors = () =>
        Promise.all([
          door.database.authenticator.findFirst(),
          door.database.smsCode.findMany(),
          door.database.recoveryCode.findMany(),
          door.database.session.findMany({ select: { tokenHash: true, secondFactorAt: true, failedCodes: true }, orderBy: { id: 'asc' } }),
          records('sign-in'),
        ]);
      const violations = [];
      for (const [way, prepare] of Object.entries(ways)) {
        door.clock.turn(minutes(1));
        const { browser, page } = await pastPassword();
        const [path, fields] = await prepare(browser);
        const before = await factors();
        for (const broken of [
          { table: 'sessions', on: 'UPDATE' },
          { table: 'audit_records', on: 'INSERT', kind: way === 'recovery' ? 'recovery-code-used' : 'sign-in' },
          { table: 'known_devices', on: 'INSERT' },
          ...(way === 'recovery' ? [{ table: 'mail_messages', on: 'INSERT' } as const] : []),
        ] as const) {
          // A try in a challenge is counted in its session's row: with that broken, nothing is compared.
          const { status } = await whileBroken(door.database, broken, () => post(browser.clone(), page, fields, path));
          const after = await factors();
          if (status !== 500 || JSON.stringify(after) !== JSON.stringify(before))
            violations.push({ way, ...broken, status, before, after });
        }
        const open = await proven();
        const answer = await post(browser, page, fields, path);
        if (answer.headers.get('location') !== '/' || (await proven()) !== open + 1) violations.push({ way, status: answer.status });
      }
      expect(violations).toEqual([]);
    });

    it('of a first code, a link to a new password, and an invitation', async () => {
      const userId = await addPerson(door, { organizationId: acme.organizationId, username: 'stella' });
      const { browser, page } = await pastPassword('stella');
      const confirm = () => post(browser, page, { code: door.codeOf(page.key) });
      expect((await whileBroken(door.database, { table: 'recovery_codes', on: 'INSERT' }, confirm)).status).toBe(500);
      expect([await door.database.authenticator.count({ where: { userId } }), await proven()]).toEqual([0, 0]);
      expect((await confirm()).status).toBe(303);

      await door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
      const [link] = await linksTo(door, 'agnes@acme.test');
      const forgetful = door.browser();
      const form = await forgetful.get(link ?? '/no-link');
      const choose = () => post(forgetful, form, { password: fresh });
      const ofReset = { table: 'audit_records', on: 'INSERT', kind: 'password-reset' } as const;
      expect((await whileBroken(door.database, ofReset, choose)).status).toBe(500);
      expect((await pastPassword()).page.path).toBe(challenge);
      expect((await choose()).headers.get('location')).toMatch(/password-reset/);

      await door.database.organization.updateMany({ data: { twoFactorRequired: false } });
      await (await Poster.signIn(door, 'olga')).post('/organization/people/invite', { emails: 'nina@new.test', role: 'AGENT' });
      const [invitation] = await linksTo(door, 'nina@new.test');
      const guest = door.browser();
      const invited = await guest.get(invitation ?? '/no-link');
      const join = () => post(guest, invited, { name: 'Nina', username: 'nina', password: fresh });
      const ofJoining = { table: 'audit_records', on: 'INSERT', kind: 'invitation-accepted' } as const;
      expect((await whileBroken(door.database, ofJoining, join)).status).toBe(500);
      expect(await door.database.user.count({ where: { username: 'nina' } })).toBe(0);
      expect((await join()).status).toBe(303);
    });
  });
});
