/** Every page that a person can be shown, each opened in a window of its own. */
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { AdmissionLinks } from '../../src/auth/admission-links.service.js';
import { PasswordForgotten } from '../../src/auth/password-forgotten.service.js';
import { Setup } from '../../src/auth/setup.service.js';
import { OutboxStore } from '../../src/outbox/outbox.store.js';
import { after, hours, minutes } from '../../src/platform/clock.js';
import type { Door } from './door.js';
import { closeToUnknown } from './guessing.js';
import { linksTo } from './links.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from './people.js';
import { answerWith, signIn, standsAt } from './windows.js';

export type Stop = { readonly name: string; open(page: Page, door: Door): Promise<void> };

/** No blank in 60 letters, and an address as a username: what is long must wrap. */
const longName = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauamt';
let count = 0;

type Who = {
  readonly role?: 'OWNER' | 'AGENT';
  readonly required?: boolean;
  readonly smsAllowed?: boolean;
  readonly enrolled?: boolean;
  readonly number?: string | undefined;
};

/** Who can have a code by SMS. */
const withNumber: Who = { required: true, smsAllowed: true, enrolled: true, number: '+31612345678' };

/** Somebody in an organization of their own, past the password. */
async function comeAs(
  page: Page,
  door: Door,
  { role = 'AGENT', required = false, smsAllowed = false, enrolled = false, number }: Who = {},
) {
  count += 1;
  const username = `a.very.long.name.without.a.blank${count}@subdomain.example.test`;
  const organizationId = await addOrganization(door, `${longName}${count}`, { twoFactorRequired: required, smsAllowed });
  const userId = await addPerson(door, { organizationId, username, role });
  if (number !== undefined) await giveNumber(door, userId, number);
  const key = enrolled ? await enroll(door, userId) : '';
  await signIn(page, username);
  await standsAt(page, !required ? '/' : enrolled ? '/two-factor/challenge' : '/two-factor/enroll');
  return { organizationId, userId, username, key, code: () => door.codeOf(key) };
}

async function pastTheChallenge(page: Page, door: Door, who: Who) {
  const member = await comeAs(page, door, { ...who, required: true, enrolled: true });
  await answerWith(page, member.code());
  await standsAt(page, '/');
  return member;
}

/** Somebody with an address, who is not signed in anywhere. */
async function addForgetful(door: Door) {
  count += 1;
  const username = `forgetful${count}`;
  const organizationId = await addOrganization(door, `House ${count}`);
  const id = await addPerson(door, { organizationId, username });
  const email = `${username}@house.test`;
  await door.database.user.update({ where: { id }, data: { email } });
  return { username, email, address: `198.51.100.${count % 250}` };
}

/** The path of a link by which a member chooses a new password. */
async function resetLinkOf(door: Door): Promise<string> {
  const { username, email, address } = await addForgetful(door);
  await door.app.get(PasswordForgotten).ask({ username, address });
  const [link] = await linksTo(door, email);
  return link ?? '/no-link';
}

/** The path of a link by which a member signs in from another browser. */
async function signInLinkOf(door: Door): Promise<string> {
  const { username, email, address } = await addForgetful(door);
  await closeToUnknown(door, username);
  await door.app.get(AdmissionLinks).ask({ username, address });
  const [link] = await linksTo(door, email);
  return link ?? '/no-link';
}

const longAddress = () => `${longName}${count}@subdomain.example.test`.toLowerCase();

/** An owner at the page that shows whom they have just invited, and that one of them is invited already. */
async function inviteSomebody(page: Page, door: Door): Promise<void> {
  await comeAs(page, door, { role: 'OWNER' });
  await page.goto('/organization/people/invite');
  for (const more of ['', ', another@example.test']) {
    await page.getByLabel('E-mail addresses').fill(longAddress() + more);
    await press(page, 'Send invitations');
    await page
      .getByTestId('invitation')
      .nth(more === '' ? 0 : 1)
      .waitFor();
    door.clock.turn(minutes(1));
  }
}

/** The path of a link by which somebody joins; the one who invited is signed out. */
async function invitationOf(page: Page, door: Door): Promise<string> {
  await inviteSomebody(page, door);
  const [link] = await linksTo(door, longAddress());
  await press(page, 'Sign out');
  await standsAt(page, '/login');
  return link ?? '/no-link';
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
const refused = (page: Page) => page.getByRole('alert').waitFor();

/** Sends the form whose button this is with nothing in it. */
async function sendEmpty(page: Page, button: string): Promise<void> {
  await press(page, button);
  await refused(page);
}

const sendNoCode = (page: Page) => sendEmpty(page, 'Sign in');

async function sendBySms(page: Page, door: Door) {
  const member = await comeAs(page, door, withNumber);
  await press(page, 'Send code by SMS');
  await page.getByTestId('sms-sent').waitFor();
  return member;
}

/** The page to set Gatehouse up; it is there only while there is no organization. */
export const setUp: readonly Stop[] = [
  { name: 'setup', open: async (page, door) => void (await page.goto((await door.app.get(Setup).createLink()) ?? '/no-link')) },
  {
    name: 'setup, refused',
    open: async (page, door) => {
      await page.goto((await door.app.get(Setup).createLink()) ?? '/no-link');
      await sendEmpty(page, 'Create organization');
    },
  },
];

const atTheDoor: readonly Stop[] = [
  { name: 'sign in', open: async (page) => void (await page.goto('/login')) },
  { name: 'sign in, nothing typed', open: async (page) => (await page.goto('/login'), sendEmpty(page, 'Sign in')) },
  { name: 'sign in, after 24 hours', open: async (page) => void (await page.goto('/login?notice=expired')) },
  { name: 'sign in, signed out', open: async (page) => void (await page.goto('/login?notice=signed-out')) },
  {
    name: 'sign in, wrong password',
    open: async (page) => {
      await page.goto('/login');
      await page.getByLabel('Username').fill('nobody.with.a.very.long.name@subdomain.example.test');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await sendEmpty(page, 'Sign in');
    },
  },
  {
    name: 'sign in, username closed',
    open: async (page, door) => {
      const username = `${longName}@subdomain.example.test`;
      await closeToUnknown(door, username);
      await page.goto('/login');
      await page.getByLabel('Username').fill(username);
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await sendEmpty(page, 'Sign in');
      await page.getByRole('button', { name: 'Send me a link', exact: true }).waitFor();
    },
  },
  { name: 'sign-in link', open: async (page, door) => void (await page.goto(await signInLinkOf(door))) },
  { name: 'sign-in link, sent', open: async (page) => void (await page.goto('/login/link?sent=yes')) },
  { name: 'sign-in link, over', open: async (page) => void (await page.goto('/login/link')) },
  { name: 'password forgotten', open: async (page) => void (await page.goto('/password/forgot')) },
  { name: 'password forgotten, nothing typed', open: async (page) => (await page.goto('/password/forgot'), sendEmpty(page, 'Send link')) },
  { name: 'password forgotten, sent', open: async (page) => void (await page.goto('/password/forgot?sent=yes')) },
  { name: 'new password, link over', open: async (page) => void (await page.goto('/password/reset')) },
  {
    name: 'new password, too short',
    open: async (page, door) => {
      await page.goto(await resetLinkOf(door));
      await page.getByLabel('New password', { exact: true }).fill('short');
      await sendEmpty(page, 'Save password');
    },
  },
  { name: 'invitation, over', open: async (page) => void (await page.goto('/invitation')) },
  { name: 'invitation', open: async (page, door) => void (await page.goto(await invitationOf(page, door))) },
  {
    name: 'invitation, nothing typed',
    open: async (page, door) => {
      await page.goto(await invitationOf(page, door));
      await sendEmpty(page, 'Join');
    },
  },
  { name: 'no such page', open: async (page) => void (await page.goto('/nowhere')) },
  { name: 'outbox, empty', open: async (page) => void (await page.goto('/outbox')) },
  {
    name: 'outbox',
    open: async (page, door) => {
      const outbox = door.app.get(OutboxStore);
      const link = `https://subdomain.example.test/invitation?token=${'x'.repeat(120)}`;
      await outbox.add({ channel: 'SMS', to: '+31612345678', text: '123456 is your code.\n\n@example.test #123456' });
      await outbox.add({ channel: 'MAIL', to: `${longName}@subdomain.example.test`, subject: longName, text: link, html: '' });
      await page.goto('/outbox');
    },
  },
  {
    name: 'sign in, by another host',
    open: async (page, door) => void (await page.goto(door.base.replace('localhost', '127.0.0.1') + '/login')),
  },
];

const secondFactor: readonly Stop[] = [
  { name: 'enrollment', open: async (page, door) => void (await comeAs(page, door, { required: true })) },
  { name: 'enrollment, no code', open: async (page, door) => (await comeAs(page, door, { required: true }), sendNoCode(page)) },
  { name: 'challenge', open: async (page, door) => void (await comeAs(page, door, { required: true, enrolled: true })) },
  {
    name: 'lost phone, the only owner',
    open: async (page, door) => {
      await comeAs(page, door, { required: true, enrolled: true, role: 'OWNER' });
      await page.goto('/two-factor/lost-phone');
    },
  },
  {
    name: 'lost phone',
    open: async (page, door) => {
      await comeAs(page, door, { required: true, enrolled: true });
      await page.goto('/two-factor/lost-phone');
    },
  },
  {
    name: 'recovery code',
    open: async (page, door) => {
      await comeAs(page, door, { required: true, enrolled: true });
      await page.goto('/two-factor/recovery');
      await sendNoCode(page);
    },
  },
  {
    name: 'challenge, no code',
    open: async (page, door) => (await comeAs(page, door, { required: true, enrolled: true }), sendNoCode(page)),
  },
  { name: 'challenge, SMS offered', open: async (page, door) => void (await comeAs(page, door, withNumber)) },
  { name: 'challenge, SMS sent', open: async (page, door) => void (await sendBySms(page, door)) },
  { name: 'challenge, SMS sent, no code', open: async (page, door) => (await sendBySms(page, door), sendNoCode(page)) },
  {
    name: 'challenge, SMS not delivered',
    open: async (page, door) => {
      const { userId } = await sendBySms(page, door);
      await door.database.smsMessage.updateMany({ where: { userId }, data: { state: 'UNDELIVERED' } });
      await page.reload();
      await page.getByTestId('sms-undelivered').waitFor();
    },
  },
  {
    name: 'challenge, SMS refused',
    open: async (page, door) => {
      await comeAs(page, door, { ...withNumber, number: '+4915123456789' });
      await sendEmpty(page, 'Send code by SMS');
    },
  },
  {
    name: 'challenge, waiting',
    open: async (page, door) => {
      const { userId } = await comeAs(page, door, { required: true, enrolled: true });
      const waitingUntil = new Date(door.clock.now().getTime() + minutes(14));
      await door.database.codeTries.create({ data: { userId, failedInRow: 10, waitingUntil } });
      await page.reload();
    },
  },
  {
    name: 'challenge, closed',
    open: async (page, door) => {
      const { userId } = await comeAs(page, door, { required: true, enrolled: true });
      await door.database.codeTries.create({ data: { userId, failedInRow: 20, closedAt: door.clock.now() } });
      await page.reload();
    },
  },
];

const visit =
  (path: string, who: Who = {}): Stop['open'] =>
  async (page, door) => {
    await (who.required ? pastTheChallenge(page, door, who) : comeAs(page, door, who));
    await page.goto(path);
  };

async function sendTest(page: Page, door: Door, role: 'OWNER' | 'AGENT' = 'AGENT') {
  const member = await pastTheChallenge(page, door, { ...withNumber, role });
  await page.goto('/profile/security');
  await press(page, 'Send me a test code');
  await page.getByTestId('sms-sent').waitFor();
  return member;
}

/** The step-up asks ten minutes after the last proof. */
const afterTenMinutes =
  (who: Who): Stop['open'] =>
  async (page, door) => {
    await (who.required ? pastTheChallenge(page, door, who) : comeAs(page, door, who));
    door.clock.turn(minutes(10));
    await page.goto('/profile/authenticator');
    await standsAt(page, '/step-up');
  };

const inside: readonly Stop[] = [
  { name: 'home, password only', open: visit('/') },
  { name: 'home, owner with two factors', open: visit('/', { role: 'OWNER', required: true }) },
  { name: 'configuration, off', open: visit('/organization/configuration', { role: 'OWNER' }) },
  { name: 'configuration, on', open: visit('/organization/configuration', { role: 'OWNER', required: true, smsAllowed: true }) },
  {
    name: 'configuration, saved',
    open: async (page, door) => {
      await visit('/organization/configuration', { role: 'OWNER', required: true })(page, door);
      await page.getByRole('switch', { name: 'Allow codes by SMS' }).check();
      await press(page, 'Save changes');
      await page.getByRole('status').waitFor();
    },
  },
  {
    name: 'configuration, no country',
    open: async (page, door) => {
      await visit('/organization/configuration', { ...withNumber, role: 'OWNER' })(page, door);
      await page.locator('.countries summary').click();
      await page.getByLabel('Netherlands', { exact: true }).uncheck();
      await page.getByLabel(/^Messages a month/).fill('many');
      await sendEmpty(page, 'Save changes');
    },
  },
  {
    name: 'configuration, messages of the month',
    open: async (page, door) => {
      const { organizationId } = await sendTest(page, door, 'OWNER');
      await door.database.organization.update({ where: { id: organizationId }, data: { smsMonthlyBudget: 1 } });
      await page.goto('/profile/security');
      await sendEmpty(page, 'Send me a test code');
      await page.goto('/organization/configuration');
      await page.getByText('1 of 1 messages').waitFor();
    },
  },
  {
    name: 'configuration, switched off without a reason, and a day gone by',
    open: async (page, door) => {
      const { organizationId } = await pastTheChallenge(page, door, { role: 'OWNER' });
      await addPerson(door, { organizationId, username: `${longName}.${organizationId}` });
      await page.goto('/organization/configuration');
      for (const group of await page.locator('.touched summary').all()) await group.click();
      await page.getByRole('switch', { name: 'Two-factor authentication' }).uncheck();
      await sendEmpty(page, 'Save changes');
      await page.getByRole('switch', { name: 'Two-factor authentication' }).check();
      await page.getByLabel(/^Ask for it from/).fill('2020-01-01');
      await sendEmpty(page, 'Save changes');
    },
  },
  {
    name: 'home and security, while there are days left',
    open: async (page, door) => {
      const { organizationId } = await comeAs(page, door);
      const twoFactorFrom = after(door.clock.now(), hours(24 * 7));
      await door.database.organization.update({ where: { id: organizationId }, data: { twoFactorRequired: true, twoFactorFrom } });
      await page.goto('/');
      await page.getByTestId('two-factor-banner').waitFor();
      await page.goto('/profile/security');
    },
  },
  { name: 'configuration, for an agent', open: visit('/organization/configuration') },
  { name: 'details', open: visit('/profile/details') },
  {
    name: 'details, refused',
    open: async (page, door) => {
      await visit('/profile/details')(page, door);
      await page.getByLabel('Name', { exact: true }).fill('');
      await page.getByLabel('E-mail address').fill('no address');
      await sendEmpty(page, 'Save');
    },
  },
  {
    name: 'details, typed before a step-up',
    open: async (page, door) => {
      await visit('/profile/details')(page, door);
      door.clock.turn(minutes(10));
      await page.getByLabel(/^Mobile number/).fill('06 12345678');
      await press(page, 'Save');
      await standsAt(page, '/step-up');
      await page.getByLabel('Password', { exact: true }).fill(password);
      await press(page, 'Continue');
      await standsAt(page, '/profile/details');
      await page.getByRole('status').waitFor();
    },
  },
  { name: 'security, SMS allowed without a number', open: visit('/profile/security', { ...withNumber, number: undefined }) },
  { name: 'security, SMS allowed with a number', open: visit('/profile/security', withNumber) },
  { name: 'number test, nothing sent', open: visit('/profile/number-test', withNumber) },
  { name: 'number test', open: async (page, door) => void (await sendTest(page, door)) },
  { name: 'number test, no code', open: async (page, door) => (await sendTest(page, door), sendEmpty(page, 'Check code')) },
  { name: 'security, password only', open: visit('/profile/security') },
  { name: 'security, authenticator kept', open: visit('/profile/security', { enrolled: true }) },
  { name: 'security, required', open: visit('/profile/security', { required: true }) },
  { name: 'two-factor for oneself, first', open: visit('/profile/authenticator') },
  { name: 'two-factor for oneself, again', open: visit('/profile/two-factor/choose', { enrolled: true }) },
  { name: 'replace authenticator', open: visit('/profile/authenticator', { required: true }) },
  {
    name: 'two-factor for oneself, off',
    open: async (page, door) => {
      const { userId, code } = await comeAs(page, door, { enrolled: true });
      await door.database.user.update({ where: { id: userId }, data: { choseTwoFactor: true } });
      await page.goto('/');
      await answerWith(page, code());
      await standsAt(page, '/');
      await page.goto('/profile/two-factor/leave');
    },
  },
  {
    name: 'sessions',
    open: async (page, door) => {
      const { userId } = await comeAs(page, door, {});
      const other = await door.database.session.findFirstOrThrow({ where: { userId } });
      const copy = { id: randomUUID(), tokenHash: randomUUID(), openedFor: null, userAgent: longName, address: '2001:db8:1234:5678::/64' };
      await door.database.session.create({ data: { ...other, ...copy } });
      await page.goto('/profile/sessions');
    },
  },
  { name: 'recovery codes, none yet', open: visit('/profile/recovery-codes', { enrolled: true }) },
  {
    name: 'recovery codes, shown',
    open: async (page, door) => {
      await comeAs(page, door, { required: true });
      const key = (await page.getByTestId('totp-key').innerText()).replace(/\s/g, '');
      await answerWith(page, door.codeOf(key));
      await page.getByTestId('recovery-code').first().waitFor();
    },
  },
  { name: 'password', open: visit('/profile/password') },
  { name: 'audit log', open: visit('/organization/audit', { role: 'OWNER' }) },
  { name: 'people', open: visit('/organization/people', { role: 'OWNER' }) },
  {
    name: 'people, a lost phone and a refused reset',
    open: async (page, door) => {
      const { organizationId, userId } = await comeAs(page, door, { role: 'OWNER' });
      const lostId = await addPerson(door, { organizationId, username: `lost${count}/${longName}` });
      const request = { organizationId, userId: lostId, openFor: lostId, withdrawHash: randomUUID(), note: longName, address: '192.0.2.1' };
      const askedAt = door.clock.now();
      await door.database.lostPhoneRequest.create({ data: { ...request, askedAt, expiresAt: new Date(askedAt.getTime() + minutes(60)) } });
      await enroll(door, userId);
      await page.goto('/organization/people');
      await page.getByText('Manage').last().click();
      await page.getByRole('button', { name: 'Reset two-factor', exact: true }).last().click();
      await refused(page);
    },
  },
  { name: 'invite', open: visit('/organization/people/invite', { role: 'OWNER' }) },
  { name: 'invite, one invited already', open: inviteSomebody },
  {
    name: 'invite, no address',
    open: async (page, door) => {
      await visit('/organization/people/invite', { role: 'OWNER' })(page, door);
      await page.getByLabel('E-mail addresses').fill(`${longName}, no`);
      await sendEmpty(page, 'Send invitations');
    },
  },
  { name: 'request withdrawn, link over', open: async (page) => void (await page.goto('/two-factor/lost-phone/withdraw')) },
  { name: 'step-up by code', open: afterTenMinutes({ required: true }) },
  { name: 'step-up by password', open: afterTenMinutes({}) },
  {
    name: 'step-up, wrong password',
    open: async (page, door) => {
      await afterTenMinutes({})(page, door);
      await page.getByLabel('Password', { exact: true }).fill(`not ${password}`);
      await sendEmpty(page, 'Continue');
    },
  },
];

export const everyPage: readonly Stop[] = [...atTheDoor, ...secondFactor, ...inside];
