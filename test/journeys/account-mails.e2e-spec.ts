import { minutes, seconds } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { mailsTo, otherThan, type Sent, sentBy } from '../support/sent.js';

const details = '/profile/details';
const security = '/profile/security';

let door: Door;
let count = 0;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());

const required = { twoFactorRequired: true, smsAllowed: true };
type Given = {
  readonly policy?: { readonly twoFactorRequired?: boolean; readonly smsAllowed?: boolean };
  readonly enrolled?: boolean;
  readonly username?: string;
  readonly organization?: string;
  readonly email?: string | null;
};

/** A member in an organization of their own. */
async function addMember({ policy = {}, enrolled = false, username, organization, email }: Given = {}) {
  count += 1;
  const name = username ?? `mailed${count}`;
  const organizationId = await addOrganization(door, organization ?? `House ${count}`, policy);
  const id = await addPerson(door, { organizationId, username: name });
  const address = email === undefined ? `mailed${count}@acme.test` : email;
  const number = `+316120000${String(count).padStart(2, '0')}`;
  await door.database.user.update({ where: { id }, data: { email: address } });
  await giveNumber(door, id, number);
  return { id, username: name, organizationId, address: address ?? '', number, key: enrolled ? await enroll(door, id) : '' };
}
type Member = Awaited<ReturnType<typeof addMember>>;

async function pastPassword({ username }: Member): Promise<[Browser, PageSeen]> {
  const browser = door.browser();
  return [browser, await browser.signIn(username, password)];
}
/** The next code of the app, so that no two sign-ins of a test use the same one. */
async function signIn(member: Member): Promise<Browser> {
  door.clock.turn(seconds(30));
  const [browser, page] = await pastPassword(member);
  if (page.path === '/two-factor/challenge') await browser.submit(page, 'code', { code: door.codeOf(member.key) });
  return browser;
}
/** But those of sign-ins on new devices, which every browser of a test is. */
const subjects = async ({ address }: Member) =>
  (await mailsTo(door, address)).map(({ subject }) => subject).filter((subject) => subject !== 'Your account was used on a new device');
const newest = async ({ address }: Member): Promise<Sent> => {
  const mail = (await mailsTo(door, address)).find(({ subject }) => subject !== 'Your account was used on a new device');
  if (!mail) throw new Error('no mail');
  return mail;
};
async function flipSms(browser: Browser, isOn: boolean): Promise<PageSeen> {
  const page = await browser.get(security);
  page.$('input[name="smsEnabled"]').removeAttr('checked');
  return browser.submit(page, 'smsEnabled', isOn ? { smsEnabled: 'on' } : {});
}

const acts: readonly (readonly [string, Given, string, (member: Member) => Promise<readonly string[]>])[] = [
  [
    'the first authenticator, at the sign-in',
    { policy: required },
    'An authenticator app was added to your account',
    async (member) => {
      const [browser, page] = await pastPassword(member);
      const code = door.codeOf(page.key);
      expect((await browser.submit(page, 'code', { code })).signedInAs).toBe(member.username);
      return [page.key, code];
    },
  ],
  [
    'the first authenticator, by own choice',
    {},
    'An authenticator app was added to your account',
    async (member) => {
      const browser = await signIn(member);
      const page = await browser.get('/profile/authenticator');
      const code = door.codeOf(page.key);
      expect((await browser.submit(page, 'code', { code })).path).toBe('/profile/recovery-codes');
      return [page.key, code];
    },
  ],
  [
    'another authenticator',
    { policy: required, enrolled: true },
    'Your authenticator app was replaced',
    async (member) => {
      const browser = await signIn(member);
      const page = await browser.get('/profile/authenticator');
      const code = door.codeOf(page.key);
      expect((await browser.submit(page, 'code', { code })).path).toBe(security);
      return [page.key, code, member.key];
    },
  ],
  [
    'another number',
    {},
    'Your mobile number was changed',
    async (member) => {
      const browser = await signIn(member);
      expect((await browser.visitAndSubmit(details, 'name', { phoneNumber: '06 87654321' })).notice).toMatch(/saved/);
      return ['87654321', '+31687654321', '06 87654321', member.number];
    },
  ],
  [
    'a number that is taken out',
    {},
    'Your mobile number was removed',
    async (member) => {
      await (await signIn(member)).visitAndSubmit(details, 'name', { phoneNumber: '' });
      return [member.number];
    },
  ],
  [
    'another address',
    {},
    'Your e-mail address was changed',
    async (member) => {
      await (await signIn(member)).visitAndSubmit(details, 'name', { email: 'somewhere.else@acme.test' });
      return ['somewhere.else'];
    },
  ],
  [
    'SMS that is switched off',
    { policy: required, enrolled: true },
    'Codes by SMS were switched off',
    async (member) => {
      await flipSms(await signIn(member), false);
      return [member.number, member.key];
    },
  ],
  [
    'a second factor that twenty wrong codes closed',
    { policy: required, enrolled: true },
    'Your second factor is closed',
    async (member) => {
      await door.database.codeTries.create({ data: { userId: member.id, failedInRow: 19 } });
      const [browser, page] = await pastPassword(member);
      const code = otherThan(door.codeOf(member.key));
      await browser.submit(page, 'code', { code });
      return [code, member.key];
    },
  ],
];

describe('a mail about the account', () => {
  it.each(acts)('tells of %s: once, at the address of the profile, and with no secret in it', async (_, given, subject, act) => {
    const member = await addMember(given);
    const secrets = await act(member);
    expect(await subjects(member)).toEqual([subject]);
    const { text, html = '', sentAt } = await newest(member);
    expect(text).toContain(`Username: ${member.username}`);
    expect(text).toContain('When: 24 November 2026');
    expect(text).toMatch(/If it was not|if it was not you/i);
    expect(text).toContain(`${door.base}/profile/security`);
    expect(html).toContain('<!doctype html>');
    expect(html).toContain(`href="${door.base}/profile/security"`);
    expect(html).toContain(`>${subject}</h1>`);
    expect(html).not.toMatch(/<script|<img|src=|url\(/);
    expect(new Date(sentAt)).toEqual(door.clock.now());
    for (const secret of [...secrets, password]) for (const part of [subject, text, html]) expect(part).not.toContain(secret);
    expect(await door.database.mailMessage.count()).toBe(0);
    await signIn(member);
    expect(await subjects(member)).toEqual([subject]);
  });

  it.each(acts)('goes nowhere for who has no address: %s', async (_, given, __, act) => {
    const before = (await sentBy(door)).filter(({ channel }) => channel === 'mail').length;
    await act(await addMember({ ...given, email: null }));
    expect((await sentBy(door)).filter(({ channel }) => channel === 'mail')).toHaveLength(before);
  });

  it('comes by itself, after the answer', async () => {
    const member = await addMember();
    await (await signIn(member)).visitAndSubmit(details, 'name', { phoneNumber: '' });
    const outbox = () => door.database.outboxMessage.count({ where: { to: member.address } });
    for (let looks = 0; looks < 500 && (await outbox()) === 0; looks += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await outbox()).toBe(1);
  });

  it('is one for a click on Sign in or Confirm that was two', async () => {
    for (const given of [{ policy: required }, {}]) {
      const member = await addMember(given);
      const [browser, first] = await pastPassword(member);
      const page = first.key === '' ? await browser.get('/profile/authenticator') : first;
      const code = { code: door.codeOf(page.key) };
      await Promise.all([browser.submit(page, 'code', code), browser.submit(page, 'code', code)]);
      expect(await subjects(member)).toEqual(['An authenticator app was added to your account']);
    }
  });

  it('is one when two sign-ins set up an authenticator at the same moment', async () => {
    const member = await addMember({ policy: required });
    const [one, two] = [await pastPassword(member), await pastPassword(member)];
    await Promise.all([one, two].map(([browser, page]) => browser.submit(page, 'code', { code: door.codeOf(page.key) })));
    expect(await subjects(member)).toEqual(['An authenticator app was added to your account']);
  });

  it('is one when many wrong codes at once close the second factor', async () => {
    const member = await addMember({ policy: required, enrolled: true });
    await door.database.codeTries.create({ data: { userId: member.id, failedInRow: 16 } });
    const visits = await Promise.all(Array.from({ length: 4 }, () => pastPassword(member)));
    const code = { code: otherThan(door.codeOf(member.key)) };
    const answers = await Promise.all(
      visits.flatMap(([browser, page]) => Array.from({ length: 4 }, () => browser.clone().submit(page, 'code', code))),
    );
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(4);
    expect(await door.database.codeTries.findUnique({ where: { userId: member.id } })).toMatchObject({ failedInRow: 20 });
    expect(await subjects(member)).toEqual(['Your second factor is closed']);
    const [browser, page] = await pastPassword(member);
    expect((await browser.submit(page, 'code', code)).status).toBe(403);
    expect(await subjects(member)).toEqual(['Your second factor is closed']);
  });

  it('is one when wrong test codes close the second factor', async () => {
    const member = await addMember({ policy: required, enrolled: true });
    const browser = await signIn(member);
    const page = await browser.visitAndSubmit(security, '/profile/number-test/sms');
    await door.database.codeTries.create({ data: { userId: member.id, failedInRow: 19 } });
    const [sent] = (await sentBy(door)).filter(({ to }) => to === member.number);
    await browser.submit(page, 'code', { code: otherThan(sent?.text.slice(0, 6) ?? '') });
    expect(await subjects(member)).toEqual(['Your second factor is closed']);
  });

  it('tells nothing of what was refused', async () => {
    const member = await addMember({ policy: required });
    const [browser, page] = await pastPassword(member);
    expect((await browser.submit(page, 'code', { code: otherThan(door.codeOf(page.key)) })).status).toBe(401);
    expect((await browser.submit(page, 'code', { code: '1' })).status).toBe(422);
    await browser.submit(page, 'code', { code: door.codeOf(page.key) });
    const replacing = await browser.get('/profile/authenticator');
    await browser.submit(replacing, 'code', { code: otherThan(door.codeOf(replacing.key)) });
    await browser.visitAndSubmit(details, 'name', { phoneNumber: '06 1', email: 'new@acme.test' });
    await browser.visitAndSubmit(details, 'name', { name: '', phoneNumber: '' });
    door.clock.turn(minutes(10));
    await browser.visitAndSubmit(details, 'name', { phoneNumber: '' });
    await flipSms(browser, false);
    expect(await subjects(member)).toEqual(['An authenticator app was added to your account']);
  });

  it('goes with the change that cannot be written down', async () => {
    const member = await addMember();
    const browser = await signIn(member);
    await door.database.$executeRaw`
      CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no'; END $$ LANGUAGE plpgsql`;
    await door.database.$executeRaw`CREATE TRIGGER refuse BEFORE INSERT ON mail_messages FOR EACH ROW EXECUTE FUNCTION refuse()`;
    try {
      expect((await browser.visitAndSubmit(details, 'name', { name: 'Changed', phoneNumber: '' })).status).toBe(500);
    } finally {
      await door.database.$executeRaw`DROP FUNCTION refuse CASCADE`;
    }
    const row = await door.database.user.findUniqueOrThrow({ where: { id: member.id } });
    expect(row).toMatchObject({ name: member.username, phoneNumber: member.number });
    expect(await subjects(member)).toEqual([]);
  });

  it.each([
    '<b>bold</b>',
    '"quoted" \'name\'',
    'a&b',
    'line\r\nBcc: eve@evil.test',
    'é鍵😀',
    '{{ 7177 * 7411 }}',
    '<a href="http://evil.test">',
  ])('shows the name of a member and of an organization as it is: %s', async (name) => {
    const member = await addMember({ enrolled: true, policy: required, organization: `${name} house ${count}` });
    const username = `${name}-${count}`;
    const stored = { username, usernameKey: member.username, name };
    await door.database.user.update({ where: { id: member.id }, data: stored });
    const browser = await signIn(member);
    expect((await flipSms(browser, false)).notice).toMatch(/are off/);
    const { subject, text, html = '' } = await newest(member);
    expect(subject).toBe('Codes by SMS were switched off');
    expect(text).toContain(`Username: ${username}`);
    expect(html).not.toContain('<b>');
    expect(html).not.toContain('evil.test">');
    expect(html).not.toContain(String(7177 * 7411));
    expect(html.match(/<a /g)).toHaveLength(1);
    expect(html).toContain(name.includes('<') ? '&lt;' : name.slice(0, 1) === '"' ? '&quot;' : name.slice(0, 1));
  });
});
