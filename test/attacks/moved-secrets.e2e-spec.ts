import { MailDelivery } from '../../src/mail/mail-delivery.service.js';
import { MailMessageStore } from '../../src/mail/mail-message.store.js';
import { minutes, seconds } from '../../src/platform/clock.js';
import { randomId } from '../../src/platform/randomness.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, enroll, giveNumber, password } from '../support/people.js';
import { codeTo, mailsTo, otherThan } from '../support/sent.js';

const number = '+31612345678';
const challenge = '/two-factor/challenge';

let door: Door;
let acme: Awaited<ReturnType<typeof addAcme>>;
let keys: { agnes: string; adam: string };
let log: string[];
beforeAll(async () => {
  door = await openDoor({ readLog: (line) => void log.push(line) });
});
beforeEach(async () => {
  log = [];
  await door.database.organization.deleteMany();
  acme = await addAcme(door, { twoFactorRequired: true, smsAllowed: true });
  keys = { agnes: await enroll(door, acme.agnes), adam: await enroll(door, acme.adam) };
});
afterAll(() => door.close());

const told = () =>
  log
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === 'stored secret unreadable')
    .map(({ level: _, time: __, msg: ___, ...fields }) => fields);
const secretOf = async (userId: string) => (await door.database.authenticator.findUniqueOrThrow({ where: { userId } })).secret;
const store = (secret: string) => door.database.authenticator.update({ where: { userId: acme.agnes }, data: { secret } });
const triesOf = async (userId: string) => (await door.database.codeTries.findUnique({ where: { userId } }))?.failedInRow ?? 0;

async function challenged(): Promise<[Browser, PageSeen]> {
  const browser = door.browser();
  const page = await browser.signIn('agnes', password);
  expect(page.path).toBe(challenge);
  return [browser, page];
}

function withOneBitTurned(text: string, at: number): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes[at] = bytes[at]! ^ 1;
  return bytes.toString('base64url');
}
/** A stored value with one of its parts changed: version, key id, nonce, ciphertext, tag. */
const changed = (stored: string, part: number, change: (text: string) => string) =>
  stored
    .split('.')
    .map((text, index) => (index === part ? change(text) : text))
    .join('.');
const turned = (part: number) => (stored: string) => changed(stored, part, (text) => withOneBitTurned(text, 0));

describe('an authenticator’s secret that was tampered with in the database', () => {
  const changes: [string, (stored: string) => string | Promise<string>][] = [
    ['it is another member’s, whose own code is typed in', () => secretOf(acme.adam)],
    [
      'it comes from another table, of the same member',
      async () => {
        const browser = door.browser();
        await door.database.authenticator.deleteMany({ where: { userId: acme.agnes } });
        await browser.signIn('agnes', password);
        const { secret } = await door.database.pendingAuthenticator.findFirstOrThrow({ where: { userId: acme.agnes } });
        await enroll(door, acme.agnes);
        return secret;
      },
    ],
    ['its version has one bit turned', (stored) => changed(stored, 0, () => 'v0')],
    ['its key id has one bit turned', (stored) => changed(stored, 1, () => 'tesu')],
    ['it names a key that nobody has', (stored) => changed(stored, 1, () => 'gone')],
    ['its nonce has one bit turned', turned(2)],
    ['its ciphertext has one bit turned', turned(3)],
    ['its tag has one bit turned', turned(4)],
    ['its tag is cut off', (stored) => changed(stored, 4, (text) => text.slice(0, 16))],
    ['it stands there in clear', () => keys.agnes],
    ['it is empty', () => ''],
  ];

  it.each(changes)('lets nobody in, costs no try, says so and is logged: %s', async (_, change) => {
    await store(await change(await secretOf(acme.agnes)));
    const [browser, page] = await challenged();
    for (const key of [keys.agnes, keys.adam]) {
      const answer = await browser.submit(page, 'code', { code: door.codeOf(key) });
      expect(answer).toMatchObject({ path: challenge, status: 503, signedInAs: undefined });
      expect(answer.alert).toMatch(/cannot be checked.*not your mistake.*recovery code, or ask an administrator/);
      expect(answer.$('a[href="/two-factor/recovery"], a[href="/two-factor/lost-phone"]')).toHaveLength(2);
    }
    expect((await browser.get('/')).path).toBe(challenge);
    expect(await triesOf(acme.agnes)).toBe(0);
    const line = { security: true, table: 'authenticators', user: acme.agnes };
    expect(told()).toEqual([expect.objectContaining(line), expect.objectContaining(line)]);
    for (const secret of [keys.agnes, keys.adam, await secretOf(acme.agnes)]) {
      if (secret !== '') expect(log.join('')).not.toContain(secret);
    }
  });

  it('says which key is missing', async () => {
    await store(changed(await secretOf(acme.agnes), 1, () => '2024-01'));
    const [browser, page] = await challenged();
    await browser.submit(page, 'code', { code: door.codeOf(keys.agnes) });
    expect(told()).toMatchObject([{ missingKey: '2024-01' }]);
  });

  it('leaves the code by SMS good, and each guess of one a try', async () => {
    await store('');
    await giveNumber(door, acme.agnes, number);
    const [browser, page] = await challenged();
    const sent = await browser.submit(page, `${challenge}/sms`);
    const code = await codeTo(door, number);
    expect(await browser.submit(sent, 'code', { code: otherThan(code) })).toMatchObject({ status: 401, signedInAs: undefined });
    expect(await triesOf(acme.agnes)).toBe(1);
    expect((await browser.submit(await browser.get(challenge), 'code', { code })).signedInAs).toBe('agnes');
  });

  it('neither proves who a member is that is signed in', async () => {
    const [browser, page] = await challenged();
    await browser.submit(page, 'code', { code: door.codeOf(keys.agnes) });
    await store(await secretOf(acme.adam));
    for (const key of [keys.agnes, keys.adam]) {
      const answer = await browser.visitAndSubmit('/step-up', 'code', { code: door.codeOf(key, 1) });
      expect(answer).toMatchObject({ path: '/step-up', status: 503 });
    }
    expect(await triesOf(acme.agnes)).toBe(0);
  });
});

describe('what else is stored encrypted, and was moved', () => {
  const sessionOf = (userId: string) => door.database.session.findFirstOrThrow({ where: { userId } });
  const enrolled = async (username: string) => {
    await door.database.authenticator.deleteMany({ where: { user: { username } } });
    const browser = door.browser();
    const shown = await browser.signIn(username, password);
    return { browser, key: shown.key, page: await browser.submit(shown, 'code', { code: door.codeOf(shown.key) }) };
  };

  it('a secret that waits for its first code: another one is shown, and neither member’s own is taken', async () => {
    await door.database.authenticator.deleteMany();
    const [agnes, adam] = [door.browser(), door.browser()];
    const [page, other] = [await agnes.signIn('agnes', password), await adam.signIn('adam', password)];
    const { secret } = await door.database.pendingAuthenticator.findFirstOrThrow({ where: { userId: acme.adam } });
    await door.database.pendingAuthenticator.updateMany({ where: { userId: acme.agnes }, data: { secret } });
    const refused = await agnes.submit(page, 'code', { code: door.codeOf(other.key) });
    expect(refused).toMatchObject({ path: '/two-factor/enroll', signedInAs: undefined });
    expect(told()).toMatchObject([{ security: true, table: 'pending_authenticators', user: acme.agnes }]);
    expect([page.key, other.key]).not.toContain(refused.key);
    expect((await agnes.submit(refused, 'code', { code: door.codeOf(refused.key) })).signedInAs).toBe('agnes');
  });

  it('recovery codes that are shown: to nobody else, and new ones can be made', async () => {
    const [agnes, adam] = [await enrolled('agnes'), await enrolled('adam')];
    const shownTo = (page: PageSeen) => page.$('[data-testid="recovery-code"]').length;
    expect([shownTo(agnes.page), shownTo(adam.page)]).toEqual([10, 10]);
    const { shownCodes } = await sessionOf(acme.adam);
    await door.database.session.updateMany({ where: { userId: acme.agnes }, data: { shownCodes } });
    const page = await agnes.browser.get('/profile/recovery-codes');
    expect([page.status, shownTo(page)]).toEqual([200, 0]);
    expect(told()).toContainEqual(expect.objectContaining({ security: true, table: 'sessions.shown_codes', user: acme.agnes }));
    expect(shownTo(await agnes.browser.submit(page, '/profile/recovery-codes'))).toBe(10);
  });

  it('a form that waits for a step-up: it is not finished for anybody else', async () => {
    const [agnes, adam] = [await enrolled('agnes'), await enrolled('adam')];
    door.clock.turn(minutes(11));
    const details = '/profile/details';
    const save = (browser: Browser, phoneNumber: string) => browser.visitAndSubmit(details, 'phoneNumber', { phoneNumber });
    const [step] = [await save(agnes.browser, '+31612345601'), await save(adam.browser, '+31612345602')];
    expect(step.path).toBe('/step-up');
    const { keptForm } = await sessionOf(acme.adam);
    await door.database.session.updateMany({ where: { userId: acme.agnes }, data: { keptForm } });
    const proven = await agnes.browser.submit(step, 'code', { code: door.codeOf(agnes.key) });
    expect(proven).toMatchObject({ status: 422, signedInAs: 'agnes' });
    expect(told()).toContainEqual(expect.objectContaining({ security: true, table: 'sessions.kept_form', user: acme.agnes }));
    expect(await door.database.user.count({ where: { phoneNumber: { not: null } } })).toBe(0);
  });

  it('a mail: it is not sent, and the others are', async () => {
    const [one, other, third] = [randomId(), randomId(), randomId()];
    const write = (id: string) =>
      door.app.get(MailMessageStore).add(door.database, { id, to: `${id}@acme.test`, subject: 'Hello', text: 'Hello', html: 'Hello' });
    for (const id of [one, other, third]) await write(id);
    const { content } = await door.database.mailMessage.findUniqueOrThrow({ where: { id: other } });
    await door.database.mailMessage.update({ where: { id: one }, data: { content } });
    door.clock.turn(seconds(1));
    await door.app.get(MailDelivery).deliverDue();
    expect(await mailsTo(door, `${one}@acme.test`)).toEqual([]);
    expect([await mailsTo(door, `${other}@acme.test`), await mailsTo(door, `${third}@acme.test`)]).toMatchObject([[{}], [{}]]);
    expect(told()).toMatchObject([{ security: true, table: 'mail_messages', mail: one }]);
    expect(await door.database.mailMessage.findMany({ select: { id: true } })).toEqual([{ id: one }]);
  });
});
