import { hours, minutes, seconds } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addPerson, enroll, password } from '../support/people.js';
import { mailsTo, otherThan } from '../support/sent.js';

const page = '/profile/recovery-codes';
const recovery = '/two-factor/recovery';

let door: Door;
let acme: Awaited<ReturnType<typeof addAcme>>;
beforeEach(async () => {
  door = await openDoor();
  acme = await addAcme(door, { twoFactorRequired: true });
});
afterEach(() => door.close());

const codesOn = ({ $ }: PageSeen) =>
  $('[data-testid="recovery-code"]')
    .toArray()
    .map((element) => $(element).text());

/** Enrolls from the first sign-in on, as a member does. */
async function enrollAtTheDoor(username = 'agnes', path = '/login') {
  const browser = door.browser();
  const shown = await browser.signIn(username, password, path);
  const landed = await browser.submit(shown, 'code', { code: door.codeOf(shown.key) });
  door.clock.turn(seconds(60));
  return { browser, key: shown.key, landed, codes: codesOn(landed) };
}
async function challenged(username = 'agnes'): Promise<[Browser, PageSeen]> {
  const browser = door.browser();
  const challenge = await browser.signIn(username, password);
  expect(challenge.path).toBe('/two-factor/challenge');
  return [browser, await browser.get(recovery)];
}
const use = async (recoveryCode: string, username = 'agnes') => {
  const [browser, shown] = await challenged(username);
  return { browser, answer: await browser.submit(shown, 'recoveryCode', { recoveryCode }) };
};

describe('the recovery codes after the first enrollment', () => {
  it('are ten, shown to this session alone until they are kept, and stand in no way', async () => {
    const { browser, landed, codes } = await enrollAtTheDoor();
    expect(landed).toMatchObject({ path: page, status: 200, signedInAs: 'agnes' });
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}-[A-Z2-7]{5}-[A-Z2-7]{5}$/);
    expect(await browser.get('/')).toMatchObject({ path: '/', status: 200 });
    expect(codesOn(await browser.get(page))).toEqual(codes);
    const other = await use(codes[0]!);
    expect(codesOn(await other.browser.get(page))).toEqual([]);
    const kept = await browser.submit(await browser.get(page), `${page}/kept`);
    expect(kept.path).toBe('/profile/security');
    expect(codesOn(await browser.get(page))).toEqual([]);
    expect((await browser.get(page)).text).toMatch(/9 of 10 are left/);
  });

  it('are shown for 15 minutes at most', async () => {
    const { browser } = await enrollAtTheDoor();
    door.clock.turn(minutes(14) - 1);
    expect(codesOn(await browser.get(page))).toHaveLength(10);
    door.clock.turn(1);
    expect(codesOn(await browser.get(page))).toEqual([]);
  });

  it('lead on to the page that was first asked for', async () => {
    const { browser, landed } = await enrollAtTheDoor('agnes', '/login?returnTo=/profile/details');
    expect((await browser.submit(landed, `${page}/kept`)).path).toBe('/profile/details');
    const home = await enrollAtTheDoor('olga');
    expect((await home.browser.submit(home.landed, `${page}/kept`)).path).toBe('/');
    const away = await home.browser.submit(home.landed, `${page}/kept`, { returnTo: 'https://evil.test/' });
    expect(away.path).toBe('/profile/security');
  });

  it('stand in the database as hashes, and nowhere in clear', async () => {
    const { codes } = await enrollAtTheDoor();
    const rows = JSON.stringify([await door.database.recoveryCode.findMany(), await door.database.session.findMany()]);
    for (const code of codes) {
      expect(rows).not.toContain(code);
      expect(rows).not.toContain(code.replaceAll('-', ''));
    }
  });

  it('come with a first authenticator by own choice too, and stay when it is replaced', async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: false } });
    const browser = door.browser();
    await browser.signIn('agnes', password);
    const setUp = await browser.get('/profile/authenticator');
    const shown = await browser.submit(setUp, 'code', { code: door.codeOf(setUp.key) });
    expect(codesOn(shown)).toHaveLength(10);
    expect((await browser.submit(shown, `${page}/kept`)).notice).toMatch(/Two-factor authentication is on/);
    const before = await door.database.recoveryCode.findMany();
    const replacement = await browser.get('/profile/authenticator');
    const replaced = await browser.submit(replacement, 'code', { code: door.codeOf(replacement.key) });
    expect(replaced.path).toBe('/profile/security');
    expect(await door.database.recoveryCode.findMany()).toEqual(before);
  });
});

describe('a recovery code', () => {
  it('signs in once, in whatever way it is written', async () => {
    const { codes } = await enrollAtTheDoor();
    const [first = '', second = ''] = codes;
    const { answer } = await use(` ${first.toLowerCase().replaceAll('-', ' ')} `);
    expect(answer).toMatchObject({ path: '/', status: 200, signedInAs: 'agnes' });
    const again = await use(first);
    expect(again.answer.status).toBe(401);
    expect(again.answer.alert).toMatch(/is not right/);
    expect((await again.browser.submit(again.answer, 'recoveryCode', { recoveryCode: second })).signedInAs).toBe('agnes');
  });

  it('gives the cookie another value', async () => {
    const { codes } = await enrollAtTheDoor();
    const [browser, shown] = await challenged();
    const before = browser.sessionCookie;
    await browser.submit(shown, 'recoveryCode', { recoveryCode: codes[0]! });
    expect(browser.sessionCookie).not.toBe(before);
  });

  it('of another member opens nothing', async () => {
    const { codes } = await enrollAtTheDoor('olga');
    await enrollAtTheDoor('agnes');
    expect((await use(codes[0]!)).answer.status).toBe(401);
    expect((await use(codes[0]!, 'olga')).answer.signedInAs).toBe('olga');
  });

  it('that cannot be one costs no try', async () => {
    const { codes } = await enrollAtTheDoor();
    const [browser, shown] = await challenged();
    for (const recoveryCode of ['', 'ABCDE', `${codes[0]}A`, '123456', '\u0000']) {
      const answer = await browser.submit(shown, 'recoveryCode', { recoveryCode });
      expect([recoveryCode, answer.status]).toEqual([recoveryCode, 422]);
    }
    const token = String(shown.$('input[name="_csrf"]').first().val());
    const repeated = new URLSearchParams([
      ['_csrf', token],
      ...codes.slice(0, 2).map((code) => ['recoveryCode', code] as [string, string]),
    ]);
    expect((await browser.send('POST', recovery, repeated)).status).toBe(422);
    expect(await door.database.recoveryTries.count()).toBe(0);
    expect(await door.database.recoveryCode.count({ where: { usedAt: { not: null } } })).toBe(0);
  });

  it('is taken once of two posts at the same moment, in two browsers', async () => {
    const { codes } = await enrollAtTheDoor();
    for (const recoveryCode of codes.slice(0, 4)) {
      const doors = [await challenged(), await challenged(), await challenged()];
      const answers = await Promise.all(doors.map(([browser, shown]) => browser.submit(shown, 'recoveryCode', { recoveryCode })));
      expect(answers.map(({ status, signedInAs }) => signedInAs ?? status).sort()).toEqual([401, 401, 'agnes']);
    }
  });

  it('that is clicked twice ends as if clicked once', async () => {
    const { codes } = await enrollAtTheDoor();
    const [browser, shown] = await challenged();
    const post = () => browser.submit(shown, 'recoveryCode', { recoveryCode: codes[0]! });
    const answers = await Promise.all([post(), post()]);
    expect(answers.map(({ signedInAs }) => signedInAs)).toEqual(['agnes', 'agnes']);
    expect(await door.database.recoveryCode.count({ where: { usedAt: { not: null } } })).toBe(1);
  });

  it('waits after ten wrong ones in a row, and other codes do not', async () => {
    const { key, codes } = await enrollAtTheDoor();
    const [browser, shown] = await challenged();
    const wrong = 'A'.repeat(26);
    for (let tries = 0; tries < 10; tries += 1) {
      expect((await browser.submit(shown, 'recoveryCode', { recoveryCode: wrong })).status).toBe(401);
    }
    const late = await browser.submit(shown, 'recoveryCode', { recoveryCode: codes[0]! });
    expect(late.status).toBe(429);
    expect(late.headers.get('retry-after')).toBe('900');
    const app = await browser.submit(await browser.get('/two-factor/challenge'), 'code', { code: door.codeOf(key) });
    expect(app.signedInAs).toBe('agnes');
    door.clock.turn(minutes(15));
    expect((await use(codes[0]!)).answer.signedInAs).toBe('agnes');
  });

  it('opens a second factor that is closed, and is taken while codes wait', async () => {
    const { key, codes } = await enrollAtTheDoor();
    await door.database.codeTries.create({ data: { userId: acme.agnes, failedInRow: 10, waitingUntil: new Date('2030-01-01') } });
    expect((await use(codes[0]!)).answer.signedInAs).toBe('agnes');
    await door.database.codeTries.create({ data: { userId: acme.agnes, failedInRow: 20, closedAt: door.clock.now() } });
    const closed = door.browser();
    const challenge = await closed.signIn('agnes', password);
    expect(challenge.text).toMatch(/Your second factor is closed/);
    expect(challenge.$('a[href="/two-factor/recovery"]')).toHaveLength(1);
    expect((await use(codes[1]!)).answer.signedInAs).toBe('agnes');
    expect((await closed.submit(await closed.get('/two-factor/challenge'), 'code', { code: door.codeOf(key) })).signedInAs).toBe('agnes');
    expect(await door.database.auditRecord.count({ where: { kind: 'second-factor-opened' } })).toBe(1);
  });

  it('is told by mail, with how many are left, and stands on record', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: 'agnes@acme.test' } });
    const { codes } = await enrollAtTheDoor();
    await use(codes[0]!);
    const mails = await mailsTo(door, 'agnes@acme.test');
    const told = mails.find(({ subject }) => subject === 'A recovery code was used to sign in to your account');
    expect(told?.text).toMatch(/9 of them are left/);
    const record = await door.database.auditRecord.findFirstOrThrow({ where: { kind: 'recovery-code-used' } });
    expect(JSON.stringify([mails, await door.database.auditRecord.findMany()])).not.toContain(codes[0]);
    expect(record).toMatchObject({ actor: 'agnes', outcome: 'DONE', details: '{"left":9}' });
  });

  it('lets a member replace the app that is gone', async () => {
    const { key, codes } = await enrollAtTheDoor();
    const { browser } = await use(codes[0]!);
    expect((await browser.get('/profile/security')).text).toMatch(/You signed in with a recovery code/);
    const setUp = await browser.get('/profile/authenticator');
    const replaced = await browser.submit(setUp, 'code', { code: door.codeOf(setUp.key) });
    expect(replaced.path).toBe('/profile/security');
    door.clock.turn(seconds(60));
    const next = door.browser();
    const challenge = await next.signIn('agnes', password);
    expect((await next.submit(challenge, 'code', { code: door.codeOf(key) })).status).toBe(401);
    expect((await next.submit(challenge, 'code', { code: door.codeOf(setUp.key) })).signedInAs).toBe('agnes');
  });

  it('counts as no enrollment: without an authenticator there is no challenge', async () => {
    await enrollAtTheDoor();
    await door.database.authenticator.deleteMany();
    const browser = door.browser();
    expect((await browser.signIn('agnes', password)).path).toBe('/two-factor/enroll');
    expect((await browser.get(recovery)).path).toBe('/two-factor/enroll');
  });
});

describe('renewal', () => {
  it('kills the set before, is told by mail, and is asked for by a warning when few are left', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: 'agnes@acme.test' } });
    const { browser, codes } = await enrollAtTheDoor();
    await browser.submit(await browser.get(page), `${page}/kept`);
    const warning = async () => (await browser.get('/profile/security')).testId('few-recovery-codes-warning');
    await door.database
      .$executeRaw`UPDATE recovery_codes SET used_at = now() WHERE code_hash IN (SELECT code_hash FROM recovery_codes ORDER BY code_hash LIMIT 6)`;
    expect(await warning()).toBeUndefined();
    await door.database
      .$executeRaw`UPDATE recovery_codes SET used_at = now() WHERE code_hash IN (SELECT code_hash FROM recovery_codes ORDER BY code_hash LIMIT 7)`;
    expect(await warning()).toMatch(/Only 3 of your recovery codes are left/);
    const renewed = await browser.submit(await browser.get(page), page);
    expect(codesOn(renewed)).toHaveLength(10);
    expect(await warning()).toBeUndefined();
    for (const code of codes) expect(codesOn(renewed)).not.toContain(code);
    for (const recoveryCode of codes.slice(0, 5)) expect((await use(recoveryCode)).answer.status).toBe(401);
    expect((await use(codesOn(renewed)[0]!)).answer.signedInAs).toBe('agnes');
    expect((await mailsTo(door, 'agnes@acme.test')).map(({ subject }) => subject)).toContain('Your recovery codes were renewed');
  });

  it('asks for proof after ten minutes, and is finished by it', async () => {
    const { browser, key } = await enrollAtTheDoor();
    await browser.submit(await browser.get(page), `${page}/kept`);
    const before = await door.database.recoveryCode.findMany();
    door.clock.turn(minutes(10));
    const stepUp = await browser.submit(await browser.get(page), page);
    expect(stepUp.path).toBe('/step-up');
    expect(stepUp.text).toMatch(/make new recovery codes/);
    expect(await door.database.recoveryCode.findMany()).toEqual(before);
    const shown = await browser.submit(stepUp, 'code', { code: door.codeOf(key) });
    expect(shown.path).toBe(page);
    expect(codesOn(shown)).toHaveLength(10);
  });

  it.each([1, 2, 3])('that is clicked twice makes the one set that is shown (%s)', async () => {
    await door.database.user.update({ where: { id: acme.agnes }, data: { email: 'agnes@acme.test' } });
    const { browser } = await enrollAtTheDoor();
    await browser.submit(await browser.get(page), `${page}/kept`);
    const shown = await browser.get(page);
    const answers = await Promise.all([browser.submit(shown, page), browser.submit(shown, page)]);
    expect(codesOn(answers[0])).toEqual(codesOn(answers[1]));
    expect((await use(codesOn(answers[0])[3]!)).answer.signedInAs).toBe('agnes');
    const renewals = (await mailsTo(door, 'agnes@acme.test')).filter(({ subject }) => subject === 'Your recovery codes were renewed');
    expect(renewals).toHaveLength(1);
  });

  it('needs an authenticator', async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: false } });
    const browser = door.browser();
    const token = String((await browser.signIn('adam', password)).$('input[name="_csrf"]').first().val());
    expect((await browser.get(page)).text).toMatch(/They come with an authenticator app/);
    expect((await browser.send('POST', page, new URLSearchParams({ _csrf: token }))).headers.get('location')).toBe('/profile/security');
    expect(await door.database.recoveryCode.count()).toBe(0);
  });

  it('is offered to who was enrolled before there were any', async () => {
    const organizationId = acme.organizationId;
    const key = await enroll(door, await addPerson(door, { organizationId, username: 'anton' }));
    const browser = door.browser();
    const challenge = await browser.signIn('anton', password);
    expect((await browser.submit(challenge, 'code', { code: otherThan(door.codeOf(key)) })).status).toBe(401);
    door.clock.turn(hours(1));
    const again = await browser.signIn('anton', password);
    await browser.submit(again, 'code', { code: door.codeOf(key) });
    const security = await browser.get('/profile/security');
    expect(security.testId('few-recovery-codes-warning')).toMatch(/You have no recovery codes/);
  });
});
