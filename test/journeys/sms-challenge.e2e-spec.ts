import { SmsCodeStore } from '../../src/mfa/sms-code.store.js';
import type { Prisma } from '../../src/generated/prisma/client.js';
import { gsm7Length } from '../../src/sms/domain/gsm7.js';
import { minutes, seconds } from '../../src/platform/clock.js';
import { UserStore } from '../../src/users/user.store.js';
import type { PageSeen } from '../support/browser.js';
import { openDoor } from '../support/door.js';
import { enroll, giveNumber, password } from '../support/people.js';
import { Challenged, challengeAddress, number, smsAddress, SmsDoor } from '../support/sms-challenge.js';

describe('a code by SMS', () => {
  let sms: SmsDoor;
  beforeEach(async () => {
    sms = await SmsDoor.open();
  });
  afterEach(() => sms.close());

  const setPolicy = (data: { smsAllowed?: boolean; smsAllowedSince?: Date; twoFactorRequired?: boolean }) =>
    sms.door.database.organization.update({ where: { id: sms.acme.organizationId }, data });
  const setUser = (data: Prisma.UserUpdateInput) => sms.door.database.user.update({ where: { id: sms.acme.agnes }, data });
  /** Saves the configuration as an owner does, beside what stands there already. */
  const configure = async (fields: Readonly<Record<string, string>>) => {
    const owner = await sms.owner();
    const page = await owner.get('/organization/configuration');
    const _csrf = String(page.$('input[name="_csrf"]').val());
    expect((await owner.send('POST', page.path, new URLSearchParams({ _csrf, ...fields }))).status).toBe(303);
    return owner;
  };

  it('is sent by the link, in the documented form, and signs in', async () => {
    const agnes = await sms.challenge();
    expect(agnes.page.testId('send-sms')).toBe('Send code by SMS');
    expect(agnes.page.text).toContain('ending in 78');
    const sent = await agnes.askForSms();
    expect(sent).toMatchObject({ path: challengeAddress, status: 200 });
    expect(sent.notice).toMatch(/A code was sent at 12:00 UTC to the number ending in 78/);
    expect(sms.vonage.requests).toHaveLength(1);
    expect(sms.vonage.requests[0]).toMatchObject({ from: 'Gatehouse', to: '31612345678', 'status-report-req': true });
    const text = sms.vonage.requests[0]?.text ?? '';
    expect(text).toMatch(/^(\d{6}) is your Gatehouse code\. .*5 minutes.*Never share it.*\n\n@localhost #\1$/s);
    expect(gsm7Length(text)).toBeLessThanOrEqual(160);
    expect(await agnes.answer(sms.vonage.lastCode, sent)).toMatchObject({ path: '/', signedInAs: 'agnes' });
    expect(await sms.door.database.smsMessage.findMany({ select: { state: true, country: true, currency: true } })).toEqual([
      { state: 'SENT', country: 'NL', currency: 'EUR' },
    ]);
    expect(await sms.door.database.session.findFirst({ select: { secondFactorMethod: true } })).toEqual({ secondFactorMethod: 'SMS' });
  });

  it('shows the last two digits of the number and no more, before and after', async () => {
    const agnes = await sms.challenge();
    for (const page of [agnes.page, await agnes.askForSms(), await agnes.answer(sms.wrongCode)]) {
      expect(page.text).toContain('ending in 78');
      expect(page.body).not.toMatch(/345678|6\s?12\s?34/);
    }
  });

  it('shows by a right code that the number is the member’s, and by the newest since when', async () => {
    const verifiedAt = async () => (await new UserStore(sms.door.database).findPhoneFacts(sms.acme.agnes)).phoneVerifiedAt;
    const agnes = await sms.challenge();
    await agnes.askForSms();
    await agnes.answer(sms.wrongCode);
    expect(await verifiedAt()).toBeNull();
    await agnes.answer(sms.vonage.lastCode);
    expect(await verifiedAt()).toEqual(sms.door.clock.now());
    sms.door.clock.turn(minutes(2));
    const again = await sms.challenge();
    await again.askForSms();
    await again.answer(sms.vonage.lastCode);
    expect(await verifiedAt()).toEqual(sms.door.clock.now());
  });

  it('stands nowhere in the database in clear, and neither does the number outside of the profile', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const [codes, messages] = await Promise.all([sms.door.database.smsCode.findMany(), sms.door.database.smsMessage.findMany()]);
    expect([codes, messages].map((rows) => rows.length)).toEqual([1, 1]);
    const written = JSON.stringify([codes, messages]);
    expect(written).not.toContain(`"${sms.vonage.lastCode}"`);
    expect(codes[0]?.codeHash).not.toContain(sms.vonage.lastCode);
    expect(written).not.toContain('612345678');
    expect(written).not.toContain('127.0.0.1');
  });

  it('may follow another one after a minute, which kills the first', async () => {
    const agnes = await sms.challenge();
    const sent = await agnes.askForSms();
    const first = sms.vonage.lastCode;
    expect(sent.testId('send-sms')).toBe('Send again');
    expect(sent.text).toMatch(/Possible in 60 seconds/);
    sms.door.clock.turn(seconds(30));
    const early = await agnes.askForSms();
    expect(early).toMatchObject({ status: 429, path: smsAddress });
    expect(early.headers.get('retry-after')).toBe('30');
    expect(early.alert).toMatch(
      /A code was sent a moment ago\. Codes can be sent again in 30 seconds\. Your authenticator app works now\./,
    );
    expect(sms.vonage.requests).toHaveLength(1);
    sms.door.clock.turn(seconds(30));
    expect((await agnes.askForSms()).notice).toMatch(/A code was sent/);
    const second = sms.vonage.lastCode;
    expect((await agnes.answer(first)).status).toBe(first === second ? 200 : 401);
    expect((await agnes.answer(second)).signedInAs).toBe('agnes');
  });

  it('is over after five minutes', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    sms.door.clock.turn(minutes(5));
    expect((await agnes.look()).testId('sms-sent')).toBeUndefined();
    expect(await agnes.answer(sms.vonage.lastCode)).toMatchObject({ status: 401, path: challengeAddress });
  });

  it('lasts to the end of its five minutes', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    sms.door.clock.turn(minutes(5) - 1);
    expect((await agnes.answer(sms.vonage.lastCode)).signedInAs).toBe('agnes');
  });

  it('works once', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const code = sms.vonage.lastCode;
    await agnes.answer(code);
    expect(await sms.door.database.smsCode.count()).toBe(0);
    const next = await sms.challenge();
    expect((await next.answer(code)).status).toBe(401);
  });

  describe.each([
    ['the organization does not allow it', () => setPolicy({ smsAllowed: false })],
    ['there is no number in the profile', () => giveNumber(sms.door, sms.acme.agnes, null)],
    ['the member switched it off', () => setUser({ smsEnabled: false })],
    [
      'two-factor is the member’s own choice and not the policy',
      async () => {
        await setUser({ choseTwoFactor: true });
        await setPolicy({ twoFactorRequired: false });
      },
    ],
  ])('when %s', (_, change) => {
    it('is not offered, and the post is refused and sends nothing', async () => {
      await change();
      const agnes = await sms.challenge();
      expect(agnes.page).toMatchObject({ path: challengeAddress, status: 200 });
      expect(agnes.page.testId('send-sms')).toBeUndefined();
      const refused = await agnes.postForSms();
      expect(refused.status).toBe(403);
      expect(refused.alert).toMatch(/Your authenticator app works now\./);
      expect(refused.$('input[name="code"]')).toHaveLength(1);
      expect(sms.vonage.requests).toHaveLength(0);
      expect(await sms.door.database.smsMessage.count()).toBe(0);
    });

    it('is worthless from the moment on, though it is under way', async () => {
      const agnes = await sms.challenge();
      await agnes.askForSms();
      await change();
      const refused = await agnes.answer(sms.vonage.lastCode);
      expect(refused).toMatchObject({ status: 401, path: challengeAddress, signedInAs: undefined });
      expect((await agnes.postForSms()).status).toBe(403);
      expect((await agnes.look()).testId('sms-sent')).toBeUndefined();
      expect((await agnes.answer(sms.door.codeOf(sms.key))).signedInAs).toBe('agnes');
    });
  });

  it('is neither offered nor taken where no provider is connected', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const none = await openDoor({ environment: { SMS_PROVIDER: 'none' }, database: sms.door.database, clock: sms.door.clock });
    const elsewhere = new Challenged(none.browser(), agnes.page);
    for (const [name, value] of agnes.browser.cookies) elsewhere.browser.cookies.set(name, value);
    expect((await elsewhere.look()).testId('send-sms')).toBeUndefined();
    expect((await elsewhere.postForSms()).status).toBe(403);
    expect((await elsewhere.answer(sms.vonage.lastCode)).status).toBe(401);
    expect(sms.vonage.requests).toHaveLength(1);
    await none.close();
  });

  it('is not sent to a member whom nobody asks for a second factor', async () => {
    const agnes = await sms.challenge();
    await setPolicy({ twoFactorRequired: false });
    expect(await agnes.postForSms()).toMatchObject({ status: 303 });
    expect(sms.vonage.requests).toHaveLength(0);
  });

  it('is worthless once the organization switched SMS off and on again', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const owner = await configure({ twoFactorRequired: 'on' });
    sms.door.clock.turn(seconds(1));
    const page = await owner.get('/organization/configuration');
    const _csrf = String(page.$('input[name="_csrf"]').val());
    await owner.send('POST', page.path, new URLSearchParams({ _csrf, twoFactorRequired: 'on', smsAllowed: 'on' }));
    expect((await agnes.look()).testId('send-sms')).toBeDefined();
    expect((await agnes.answer(sms.vonage.lastCode)).status).toBe(401);
  });

  it('is worthless once the number was changed, and also when it was changed back', async () => {
    for (const numbers of [['+31687654321'], ['+31687654321', number], [null, number]]) {
      const agnes = await sms.challenge();
      await agnes.askForSms();
      for (const phoneNumber of numbers) {
        sms.door.clock.turn(seconds(1));
        await giveNumber(sms.door, sms.acme.agnes, phoneNumber);
      }
      expect((await agnes.answer(sms.vonage.lastCode)).status).toBe(401);
      await giveNumber(sms.door, sms.acme.agnes, number);
      sms.door.clock.turn(minutes(10));
    }
    expect(sms.vonage.requests).toHaveLength(3);
  });

  it('is worthless once the member switched SMS off and on again in another session', async () => {
    const [agnes, other] = [await sms.challenge(), await sms.challenge()];
    await agnes.askForSms();
    await other.answer(sms.door.codeOf(sms.key));
    const page = await other.browser.get('/profile/security');
    const _csrf = String(page.$('input[name="_csrf"]').val());
    await other.browser.send('POST', page.path, new URLSearchParams({ _csrf }));
    expect((await new UserStore(sms.door.database).findPhoneFacts(sms.acme.agnes)).smsEnabled).toBe(false);
    await other.browser.send('POST', page.path, new URLSearchParams({ _csrf, smsEnabled: 'on' }));
    expect((await agnes.look()).testId('send-sms')).toBeDefined();
    expect((await agnes.answer(sms.vonage.lastCode)).status).toBe(401);
  });

  it('is used up only while all that it hangs on still stands, and once, whatever changed since it was compared', async () => {
    const { app, clock, database } = sms.door;
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const { codeHash, sessionId, purpose } = await database.smsCode.findFirstOrThrow();
    const claim = (now = clock.now()) =>
      database.$transaction((transaction) => app.get(SmsCodeStore).claim(transaction, { codeHash, sessionId, purpose, number, now }));
    const second = new Date(clock.now().getTime() + seconds(1));
    for (const [change, back] of [
      [() => setPolicy({ smsAllowed: false }), () => setPolicy({ smsAllowed: true })],
      [() => setPolicy({ twoFactorRequired: false }), () => setPolicy({ twoFactorRequired: true })],
      [() => setPolicy({ smsAllowedSince: second }), () => setPolicy({ smsAllowedSince: clock.now() })],
      [() => setUser({ smsEnabled: false }), () => setUser({ smsEnabled: true })],
      [() => setUser({ smsSwitchedAt: second }), () => setUser({ smsSwitchedAt: null })],
      [() => setUser({ phoneNumberAt: second }), () => setUser({ phoneNumberAt: clock.now() })],
      [() => setUser({ phoneNumber: '+31687654321' }), () => setUser({ phoneNumber: number })],
    ] as const) {
      await change();
      expect(await claim()).toBe(false);
      await back();
    }
    expect(await claim(new Date(clock.now().getTime() + minutes(5)))).toBe(false);
    expect(await Promise.all([claim(), claim(), claim()])).toEqual(expect.arrayContaining([true, false, false]));
    expect(await database.smsCode.count()).toBe(0);
  });

  it.each([
    ['the number is changed', (users: UserStore, at: Date) => ({ users, change: { phoneNumber: '+31687654321', at } })],
    ['the number is removed', (users: UserStore, at: Date) => ({ users, change: { phoneNumber: null, at } })],
  ])('is worthless when %s at the very moment of the answer', async (_, plan) => {
    const { clock, database } = sms.door;
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const { users, change } = plan(new UserStore(database), clock.now());
    let answered: Promise<PageSeen> | undefined;
    // The answer is compared with the old number, and used up when the change is committed.
    await database.$transaction(async (transaction) => {
      await users.changeNumber(transaction, sms.acme.agnes, change);
      answered = agnes.answer(sms.vonage.lastCode);
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    expect(await answered).toMatchObject({ status: 401, path: challengeAddress });
    expect(await sms.door.database.session.count({ where: { secondFactorMethod: 'SMS' } })).toBe(0);
  });

  it('fits no other browser of the same member, and nobody else', async () => {
    await sms.addMember({ username: 'boris' });
    const [first, second, boris] = [await sms.challenge(), await sms.challenge(), await sms.challenge('boris')];
    await first.askForSms();
    const code = sms.vonage.lastCode;
    expect((await second.answer(code)).status).toBe(401);
    expect((await boris.answer(code)).status).toBe(401);
    expect((await first.answer(code)).signedInAs).toBe('agnes');
  });

  it('gives twenty parallel posts of one right code one session', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const windows = Array.from({ length: 20 }, () => agnes.browser.clone());
    const answers = await Promise.all(windows.map((window) => window.submit(agnes.page, 'code', { code: sms.vonage.lastCode })));
    expect(answers.map(({ signedInAs }) => signedInAs)).toEqual(Array(20).fill('agnes'));
    expect(new Set(windows.map(({ sessionCookie }) => sessionCookie)).size).toBe(1);
    expect(await sms.door.database.session.count({ where: { secondFactorAt: { not: null } } })).toBe(1);
  });

  it('lets one of four pages in that post one right code at once', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const windows = Array.from({ length: 4 }, () => agnes.browser.clone());
    const pages = await Promise.all(windows.map((window) => window.get(challengeAddress)));
    const answers = await Promise.all(
      windows.map((window, index) => window.submit(pages[index] ?? agnes.page, 'code', { code: sms.vonage.lastCode })),
    );
    expect(answers.filter(({ signedInAs }) => signedInAs === 'agnes')).toHaveLength(1);
  });

  it('is sent once by a link that is clicked twenty times', async () => {
    const agnes = await sms.challenge();
    const windows = Array.from({ length: 20 }, () => agnes.browser.clone());
    const answers = await Promise.all(windows.map((window) => agnes.postForSms(agnes.page, window)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(303));
    expect(answers.map(({ headers }) => headers.get('location'))).toEqual(Array(20).fill(challengeAddress));
    expect(sms.vonage.requests).toHaveLength(1);
    expect((await agnes.answer(sms.vonage.lastCode)).signedInAs).toBe('agnes');
  });

  it('has arrived, as every page says, when the second of two clicks is answered', async () => {
    const agnes = await sms.challenge();
    const pages = await Promise.all(Array.from({ length: 5 }, () => agnes.browser.clone().submit(agnes.page, smsAddress)));
    expect(pages.map((page) => page.testId('sms-sent') !== undefined)).toEqual(Array(5).fill(true));
  });

  it('is sent once when twenty sessions of a member ask at once', async () => {
    const sessions = await sms.challenges(20);
    const answers = await Promise.all(sessions.map((session) => session.postForSms()));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(19).fill(429)]);
    expect(sms.vonage.requests).toHaveLength(1);
  });

  describe('while the provider is being asked', () => {
    /** Sends, and lets something happen between the provider's request and its answer. */
    const sendDuring = async (happens: () => Promise<unknown>): Promise<[Challenged, PageSeen]> => {
      const agnes = await sms.challenge();
      sms.vonage.beforeAnswer = async () => {
        sms.door.clock.turn(seconds(1));
        await happens();
        sms.door.clock.turn(seconds(1));
      };
      const page = await agnes.askForSms();
      sms.vonage.beforeAnswer = undefined;
      return [agnes, page];
    };

    it('is worthless when the number is changed, the organization switches SMS off or the member does', async () => {
      for (const happens of [
        () => giveNumber(sms.door, sms.acme.agnes, '+31687654321'),
        () => setUser({ smsEnabled: false }),
        () => setPolicy({ smsAllowed: false }),
      ]) {
        const [agnes] = await sendDuring(happens);
        expect((await agnes.answer(sms.vonage.lastCode)).status).toBe(401);
        await setUser({ smsEnabled: true });
        sms.door.clock.turn(minutes(10));
      }
      expect(sms.vonage.requests).toHaveLength(3);
    });

    it('is worthless when the organization switches SMS off and on again', async () => {
      const [agnes] = await sendDuring(() => setPolicy({ smsAllowedSince: sms.door.clock.now() }));
      expect((await agnes.answer(sms.vonage.lastCode)).status).toBe(401);
    });

    it('is worthless when the member switches SMS off and on again', async () => {
      const later = new Date(sms.door.clock.now().getTime() + 1);
      const [agnes] = await sendDuring(() => setUser({ smsSwitchedAt: later }));
      sms.door.clock.turn(1);
      expect((await agnes.answer(sms.vonage.lastCode)).status).toBe(401);
    });

    it('leaves none behind when the member signs out', async () => {
      const [, page] = await sendDuring(() => sms.door.database.session.deleteMany());
      expect(page).toMatchObject({ path: '/login', status: 200 });
      expect(await sms.door.database.smsCode.count()).toBe(0);
      expect(await sms.states()).toEqual(['SENT']);
    });

    it('leaves none behind when the authenticator answers the challenge', async () => {
      const agnes = await sms.challenge();
      const window = agnes.browser.clone();
      sms.vonage.beforeAnswer = async () => void (await agnes.answer(sms.door.codeOf(sms.key)));
      await window.submit(agnes.page, smsAddress);
      sms.vonage.beforeAnswer = undefined;
      expect((await agnes.browser.get('/')).signedInAs).toBe('agnes');
      expect(await sms.door.database.smsCode.count()).toBe(0);
    });
  });

  it('is not sent by opening, reloading or failing the page', async () => {
    const agnes = await sms.challenge();
    await agnes.look();
    await agnes.browser.get(smsAddress);
    expect(sms.vonage.requests).toHaveLength(0);
    await agnes.askForSms();
    sms.door.clock.turn(minutes(2));
    await agnes.look();
    await agnes.answer(sms.wrongCode);
    await agnes.answer('12345');
    expect(sms.vonage.requests).toHaveLength(1);
  });

  it('leads the address of a refused post to the challenge', async () => {
    const agnes = await sms.challenge();
    expect(await agnes.browser.get(smsAddress)).toMatchObject({ path: challengeAddress, status: 200 });
    expect((await sms.door.browser().get(smsAddress)).path).toBe('/login');
  });

  it('is sent to nobody without a form of ours', async () => {
    const agnes = await sms.challenge();
    expect((await agnes.browser.send('POST', smsAddress, new URLSearchParams())).status).toBe(403);
    expect((await sms.door.browser().send('POST', smsAddress, new URLSearchParams())).status).toBe(303);
    const page = await agnes.look();
    const body = new URLSearchParams({ _csrf: String(page.$('input[name="_csrf"]').val()) });
    expect((await agnes.browser.send('POST', smsAddress, body, { origin: 'https://evil.example' })).status).toBe(403);
    expect(sms.vonage.requests).toHaveLength(0);
  });

  it.each(['12345', 'abcdef', '1234567', ''])('is refused as %p without a try', async (code) => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    expect((await agnes.answer(code)).status).toBe(422);
    expect(await sms.door.database.codeTries.count()).toBe(0);
  });

  it('is refused without a try when the field is repeated, and taken with spaces and hyphens', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    const code = sms.vonage.lastCode;
    for (const fields of [`code=${code}&code=${code}`, `code[]=${code}`]) {
      const body = new URLSearchParams(fields);
      body.set('_csrf', String(agnes.page.$('input[name="_csrf"]').val()));
      expect((await agnes.browser.send('POST', challengeAddress, body)).status).toBe(422);
    }
    expect(await sms.door.database.codeTries.count()).toBe(0);
    expect((await agnes.answer(` ${code.slice(0, 3)} - ${code.slice(3)}`)).signedInAs).toBe('agnes');
  });

  it('leaves the authenticator working, which ends the SMS', async () => {
    const agnes = await sms.challenge();
    const sent = await agnes.askForSms();
    expect(sent.text).toMatch(/Or open the authenticator app/);
    expect((await agnes.answer(sms.door.codeOf(sms.key))).signedInAs).toBe('agnes');
    expect(await sms.door.database.smsCode.count()).toBe(0);
    expect(await sms.door.database.session.findFirst({ select: { secondFactorMethod: true } })).toEqual({ secondFactorMethod: 'TOTP' });
  });

  describe('wrong', () => {
    it('has five tries in a challenge together with the authenticator, and the wording names both', async () => {
      const agnes = await sms.challenge();
      expect((await agnes.answer(sms.wrongCode)).alert).toMatch(/authenticator app/);
      await agnes.askForSms();
      const refused = await agnes.answer(sms.wrongCode);
      expect(refused).toMatchObject({ status: 401, path: challengeAddress });
      expect(refused.alert).toMatch(/Use the newest SMS, or wait for the next code in your authenticator app/);
      for (let count = 0; count < 2; count += 1) await agnes.answer(sms.wrongCode);
      const over = await agnes.answer(sms.wrongCode);
      expect(over.path).toBe('/login');
      expect(over.notice).toMatch(/wrong codes/);
      expect(await sms.door.database.smsCode.count()).toBe(0);
      expect((await agnes.answer(sms.vonage.lastCode)).path).toBe('/login');
    });

    it('has no more tries when many are posted at once', async () => {
      const agnes = await sms.challenge();
      await agnes.askForSms();
      const { wrongCode } = sms;
      await Promise.all(Array.from({ length: 30 }, () => agnes.browser.clone().submit(agnes.page, 'code', { code: wrongCode })));
      expect((await sms.door.database.codeTries.findUniqueOrThrow({ where: { userId: sms.acme.agnes } })).failedInRow).toBe(5);
    });

    it('has no new tries with a new SMS', async () => {
      const agnes = await sms.challenge();
      for (let count = 0; count < 4; count += 1) await agnes.answer(sms.wrongCode);
      await agnes.askForSms();
      expect((await agnes.answer(sms.wrongCode)).path).toBe('/login');
    });

    it.each([
      [10, 429, /15 minutes/],
      [20, 403, /closed/],
    ])('%i times in a row has nothing sent any more: %i', async (failedInRow, status, words) => {
      const { clock, database } = sms.door;
      const agnes = await sms.challenge();
      const isClosed = failedInRow === 20;
      const standing = isClosed ? { closedAt: clock.now() } : { waitingUntil: new Date(clock.now().getTime() + minutes(15)) };
      await database.codeTries.create({ data: { userId: sms.acme.agnes, failedInRow, ...standing } });
      expect((await agnes.look()).testId('send-sms')).toBeUndefined();
      const refused = await agnes.postForSms();
      expect(refused.status).toBe(status);
      expect(refused.alert).toMatch(words);
      expect(refused.headers.get('retry-after')).toBe(isClosed ? null : '900');
      expect(sms.vonage.requests).toHaveLength(0);
    });
  });

  it('is not taken where proof is asked for again', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    await agnes.answer(sms.vonage.lastCode);
    sms.door.clock.turn(minutes(2));
    expect((await agnes.browser.get('/step-up')).testId('send-sms')).toBeUndefined();
    const sent = await agnes.browser.visitAndSubmit('/profile/security', '/profile/number-test/sms');
    expect(sent.path).toBe('/profile/number-test');
    const refused = await agnes.browser.visitAndSubmit('/step-up', 'code', { code: sms.vonage.lastCode });
    expect(refused).toMatchObject({ status: 401, path: '/step-up' });
  });

  it('that tests the number opens no challenge', async () => {
    const agnes = await sms.challenge();
    await agnes.answer(sms.door.codeOf(sms.key));
    await agnes.browser.visitAndSubmit('/profile/security', '/profile/number-test/sms');
    const code = sms.vonage.lastCode;
    sms.door.clock.turn(seconds(1));
    await sms.door.database.authenticator.deleteMany({ where: { userId: sms.acme.agnes } });
    await enroll(sms.door, sms.acme.agnes);
    const page = await agnes.look();
    expect(page.path).toBe(challengeAddress);
    expect((await agnes.answer(code, page)).status).toBe(401);
  });

  describe('that signed a session in', () => {
    let agnes: Challenged;
    beforeEach(async () => {
      agnes = await sms.challenge();
      await agnes.askForSms();
      expect((await agnes.answer(sms.vonage.lastCode)).signedInAs).toBe('agnes');
      sms.door.clock.turn(minutes(1));
    });

    it('is asked for again when the organization switches SMS off, and when it switches it on after that', async () => {
      const owner = await configure({ twoFactorRequired: 'on' });
      expect(await agnes.browser.get('/')).toMatchObject({ path: challengeAddress, signedInAs: undefined });
      sms.door.clock.turn(seconds(1));
      const page = await owner.get('/organization/configuration');
      const _csrf = String(page.$('input[name="_csrf"]').val());
      await owner.send('POST', page.path, new URLSearchParams({ _csrf, twoFactorRequired: 'on', smsAllowed: 'on' }));
      expect((await agnes.browser.get('/')).path).toBe(challengeAddress);
      expect((await agnes.answer(sms.door.codeOf(sms.key), await agnes.look())).signedInAs).toBe('agnes');
    });

    it('is asked for again when the number is changed, or SMS switched off, in another session', async () => {
      for (const change of ['number', 'switch']) {
        sms.door.clock.turn(minutes(2));
        const other = await sms.challenge();
        await other.answer(sms.door.codeOf(sms.key));
        const path = change === 'number' ? '/profile/details' : '/profile/security';
        const page = await other.browser.get(path);
        const _csrf = String(page.$('input[name="_csrf"]').val());
        const fields: Record<string, string> = change === 'number' ? { name: 'Agnes', phoneNumber: '06 87654321' } : {};
        expect((await other.browser.send('POST', path, new URLSearchParams({ _csrf, ...fields }))).status).toBe(303);
        expect(await agnes.browser.get('/')).toMatchObject({ path: challengeAddress, signedInAs: undefined });
        if (change === 'switch') return;
        await agnes.askForSms();
        await agnes.answer(sms.vonage.lastCode, await agnes.look());
        expect((await agnes.browser.get('/')).signedInAs).toBe('agnes');
      }
    });
  });

  it('ends with the sign-in that it was sent in', async () => {
    const agnes = await sms.challenge();
    await agnes.askForSms();
    await agnes.browser.visitAndSubmit(challengeAddress, '/logout');
    expect(await sms.door.database.smsCode.count()).toBe(0);
    const page = await agnes.browser.signIn('agnes', password);
    expect((await agnes.answer(sms.vonage.lastCode, page)).status).toBe(401);
  });
});
