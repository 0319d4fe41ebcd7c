import { hours, minutes, seconds } from '../../src/platform/clock.js';
import { CodeTriesStore } from '../../src/mfa/code-tries.store.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type AcmeWithCodes, openAcmeWithCodes } from '../support/acme-with-codes.js';
import type { Door } from '../support/door.js';
import { password } from '../support/people.js';

const address = '/two-factor/challenge';

describe('the challenge', () => {
  let door: Door;
  let acme: AcmeWithCodes['acme'];
  let key: string;
  beforeEach(async () => {
    ({ door, acme, key } = await openAcmeWithCodes());
  });
  afterEach(() => door.close());

  const signIn = async (): Promise<[Browser, PageSeen]> => {
    const browser = door.browser();
    return [browser, await browser.signIn('agnes', password)];
  };
  const wrongCode = () => {
    const taken = [-1, 0, 1].map((steps) => door.codeOf(key, steps));
    return ['000000', '111111', '222222', '333333'].find((code) => !taken.includes(code)) ?? '';
  };
  /** Fails so many challenges of five codes each. */
  const failChallenges = async (count: number) => {
    for (let index = 0; index < count; index += 1) {
      const [browser, page] = await signIn();
      for (let code = 0; code < 5; code += 1) await browser.submit(page, 'code', { code: wrongCode() });
    }
  };

  it('follows every password, and a right code signs in with a new cookie', async () => {
    const [browser, page] = await signIn();
    expect(page).toMatchObject({ path: address, status: 200, signedInAs: undefined });
    expect(page.testId('totp-key')).toBeUndefined();
    expect(page.testId('send-sms')).toBeUndefined();
    expect(page.$('input[name="code"]').attr()).toMatchObject({ type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code' });
    const before = browser.clone();
    expect(await browser.submit(page, 'code', { code: door.codeOf(key) })).toMatchObject({ path: '/', signedInAs: 'agnes' });
    expect((await before.get('/')).path).toBe('/login');
  });

  it('opens nothing else before', async () => {
    const [browser] = await signIn();
    for (const path of [
      '/',
      '/login',
      '/two-factor/enroll',
      '/profile/details',
      '/profile/security',
      '/profile/authenticator',
      '/profile/two-factor/leave',
      '/step-up',
    ]) {
      expect((await browser.get(path)).path).toBe(address);
    }
  });

  it('leads to the page that was asked for', async () => {
    const browser = door.browser();
    const page = await browser.submit(await browser.get('/profile/details'), 'password', { username: 'agnes', password });
    expect(page.path).toBe(address);
    await browser.submit(page, 'code', { code: wrongCode() });
    expect(await browser.visitAndSubmit(address, 'code', { code: door.codeOf(key) })).toMatchObject({
      path: '/profile/details',
      signedInAs: 'agnes',
    });
  });

  it('takes the current step and one to each side, with spaces and hyphens', async () => {
    for (const steps of [-2, 2]) {
      const [browser, page] = await signIn();
      expect((await browser.submit(page, 'code', { code: door.codeOf(key, steps) })).status).toBe(401);
    }
    for (const [steps, write] of [
      [-1, (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`],
      [0, (code: string) => `${code.slice(0, 3)}-${code.slice(3)}`],
      [1, (code: string) => ` ${code} `],
    ] as const) {
      const [browser, page] = await signIn();
      expect((await browser.submit(page, 'code', { code: write(door.codeOf(key, steps)) })).signedInAs).toBe('agnes');
    }
  });

  it('takes no step again, nor one before it, in any session', async () => {
    const [browser, page] = await signIn();
    await browser.submit(page, 'code', { code: door.codeOf(key) });
    for (const steps of [0, -1]) {
      const [other, challenge] = await signIn();
      expect(await other.submit(challenge, 'code', { code: door.codeOf(key, steps) })).toMatchObject({ status: 401, path: address });
    }
    door.clock.turn(seconds(30));
    const [next, challenge] = await signIn();
    expect((await next.submit(challenge, 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
  });

  it('is passed by the right one of five codes that are posted at once, though they are all that it takes', async () => {
    const [browser, page] = await signIn();
    const windows = Array.from({ length: 5 }, () => browser.clone());
    const codes = windows.map((_, index) => (index === 2 ? door.codeOf(key) : wrongCode()));
    await Promise.all(windows.map((window, index) => window.submit(page, 'code', { code: codes[index]! })));
    expect((await windows[2]!.get('/')).signedInAs).toBe('agnes');
  });

  it('gives ten sign-ins that post one right code at once one session', async () => {
    const visits = [];
    for (let index = 0; index < 10; index += 1) visits.push(await signIn());
    const code = door.codeOf(key);
    const answers = await Promise.all(visits.slice(0, 10).map(([browser, page]) => browser.submit(page, 'code', { code })));
    expect(answers.filter(({ signedInAs }) => signedInAs === 'agnes')).toHaveLength(1);
  });

  it('ends a right code that is posted ten times by one browser as once: one session, one cookie', async () => {
    const [browser, page] = await signIn();
    const windows = Array.from({ length: 10 }, () => browser.clone());
    const answers = await Promise.all(windows.map((window) => window.submit(page, 'code', { code: door.codeOf(key) })));
    expect(answers.map(({ signedInAs }) => signedInAs)).toEqual(Array(10).fill('agnes'));
    expect(new Set(windows.map(({ sessionCookie }) => sessionCookie)).size).toBe(1);
    expect(await door.database.session.count({ where: { secondFactorAt: { not: null } } })).toBe(1);
  });

  it('ends a double click as one click after four wrong codes, and at the last code before a wait', async () => {
    for (const failures of [4, 9]) {
      await failChallenges(failures === 9 ? 1 : 0);
      const [browser, page] = await signIn();
      for (let count = 0; count < 4; count += 1) await browser.submit(page, 'code', { code: wrongCode() });
      const windows = [browser.clone(), browser.clone()];
      const answers = await Promise.all(windows.map((window) => window.submit(page, 'code', { code: door.codeOf(key) })));
      expect(answers.map(({ signedInAs }) => signedInAs)).toEqual(['agnes', 'agnes']);
      door.clock.turn(seconds(60));
    }
  });

  it('gives the twin of a post the same cookie for half a minute, and another post none', async () => {
    const [browser, page] = await signIn();
    const elsewhere = await browser.get(address);
    const [twin, another, late] = [browser.clone(), browser.clone(), browser.clone()];
    const code = door.codeOf(key);
    await browser.submit(page, 'code', { code });
    expect((await another.submit(elsewhere, 'code', { code })).path).toBe('/login');
    expect((await another.get('/')).path).toBe('/login');
    expect((await twin.submit(page, 'code', { code })).signedInAs).toBe('agnes');
    expect(twin.sessionCookie).toBe(browser.sessionCookie);
    door.clock.turn(seconds(30));
    expect((await late.submit(page, 'code', { code })).path).toBe('/login');
  });

  it('compares nothing against an old cookie', async () => {
    const [browser, page] = await signIn();
    const stolen = browser.clone();
    const shown = await stolen.get(address);
    const code = door.codeOf(key);
    await browser.submit(page, 'code', { code });
    for (const guess of [code, wrongCode()]) expect((await stolen.clone().submit(shown, 'code', { code: guess })).path).toBe('/login');
    expect((await door.database.session.findFirstOrThrow()).rotatedByPost).not.toContain(code);
  });

  it('ends when its codes were charged and never compared', async () => {
    const [browser, page] = await signIn();
    await door.database.session.updateMany({ data: { failedCodes: 5 } });
    const over = await browser.submit(page, 'code', { code: door.codeOf(key) });
    expect(over.path).toBe('/login');
    expect(over.notice).toMatch(/wrong codes/);
    expect(await door.database.session.count()).toBe(0);
  });

  it('ends after five wrong codes', async () => {
    const [browser, page] = await signIn();
    for (let count = 0; count < 4; count += 1)
      expect(await browser.submit(page, 'code', { code: wrongCode() })).toMatchObject({ status: 401, path: address });
    const over = await browser.submit(page, 'code', { code: wrongCode() });
    expect(over.path).toBe('/login');
    expect(over.notice).toMatch(/wrong codes/);
    expect((await browser.get('/')).path).toBe('/login');
  });

  it('waits 15 minutes after ten wrong codes in a row, over all sign-ins and browsers', async () => {
    await failChallenges(2);
    const [browser, page] = await signIn();
    expect(page.text).toMatch(/15 minutes/);
    const refused = await browser.submit(page, 'code', { code: door.codeOf(key) });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('900');
    expect(refused.alert).toMatch(/15 minutes/);
    door.clock.turn(minutes(15));
    const [later, challenge] = await signIn();
    expect((await later.submit(challenge, 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
    expect(await door.database.codeTries.count()).toBe(0);
  });

  it('is closed after twenty in a row over any time, never leads to enrollment, and the operator opens it', async () => {
    await failChallenges(2);
    door.clock.turn(hours(300));
    await failChallenges(2);
    door.clock.turn(hours(300));
    const [browser, page] = await signIn();
    expect(page).toMatchObject({ path: address, status: 200 });
    expect(page.text).toMatch(/closed/);
    expect(page.text).toMatch(/administrator/);
    const refused = await browser.submit(page, 'code', { code: door.codeOf(key) });
    expect(refused.status).toBe(403);
    expect((await browser.get('/two-factor/enroll')).path).toBe(address);
    await door.database.$transaction((transaction) => door.app.get(CodeTriesStore).clear(transaction, acme.agnes));
    expect((await browser.submit(refused, 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
  });

  it('does not let parallel wrong codes get more tries than there are', async () => {
    const [browser, page] = await signIn();
    await Promise.all(Array.from({ length: 50 }, () => browser.clone().submit(page, 'code', { code: wrongCode() })));
    expect((await door.database.codeTries.findUniqueOrThrow({ where: { userId: acme.agnes } })).failedInRow).toBe(5);
    const visits = [];
    for (let index = 0; index < 6; index += 1) visits.push(await signIn());
    const answers = await Promise.all(
      visits.flatMap(([one, challenge]) => Array.from({ length: 5 }, () => one.clone().submit(challenge, 'code', { code: wrongCode() }))),
    );
    expect((await door.database.codeTries.findUniqueOrThrow({ where: { userId: acme.agnes } })).failedInRow).toBe(10);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  });

  it('forgets the row of failures at a right code', async () => {
    await failChallenges(1);
    const [browser, page] = await signIn();
    for (let count = 0; count < 4; count += 1) await browser.submit(page, 'code', { code: wrongCode() });
    expect((await browser.submit(page, 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
    expect(await door.database.codeTries.count()).toBe(0);
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６'])('refuses %p as no code, at no cost', async (code) => {
    const [browser, page] = await signIn();
    const refused = await browser.submit(page, 'code', { code });
    expect(refused.status).toBe(422);
    expect(refused.alert).toMatch(/six digits/);
    expect(await door.database.codeTries.count()).toBe(0);
  });

  it.each(['code=123456&code=123456', 'code[]=123456', 'code[$ne]=1'])('refuses %s at no cost', async (fields) => {
    const [browser, page] = await signIn();
    const body = new URLSearchParams(fields);
    body.set('_csrf', String(page.$('input[name="_csrf"]').val()));
    expect((await browser.send('POST', address, body)).status).toBe(422);
    expect(await door.database.codeTries.count()).toBe(0);
  });

  it('ends after 15 minutes', async () => {
    const [browser, page] = await signIn();
    door.clock.turn(minutes(15));
    const over = await browser.submit(page, 'code', { code: door.codeOf(key) });
    expect(over.path).toBe('/login');
    expect(over.notice).toMatch(/15 minutes/);
  });

  it('asks for no further code while the session lives', async () => {
    const [browser, page] = await signIn();
    await browser.submit(page, 'code', { code: door.codeOf(key) });
    door.clock.turn(hours(23));
    expect((await browser.get('/')).signedInAs).toBe('agnes');
    door.clock.turn(hours(1));
    expect((await browser.get('/')).path).toBe('/login');
  });
});
