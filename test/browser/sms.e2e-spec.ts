import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { seconds } from '../../src/platform/clock.js';
import { launchChromium } from '../support/chromium.js';
import { type Door, openDoor } from '../support/door.js';
import { factsOf, faultless } from '../support/page-facts.js';
import { addOrganization, addPerson, enroll } from '../support/people.js';
import { answerWith, openWindow, signedInAs, signIn, standsAt, ways, type Window } from '../support/windows.js';

const configuration = '/organization/configuration';
const details = '/profile/details';
const security = '/profile/security';
const numberTest = '/profile/number-test';
const challenge = '/two-factor/challenge';

let door: Door;
let chromium: Browser;
beforeAll(async () => {
  [door, chromium] = await Promise.all([openDoor(), launchChromium()]);
});
afterAll(async () => {
  await chromium.close();
  await door.close();
});

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

describe.each(ways)('from the switch for SMS to a sign-in by SMS, $name', ({ script, size, dark, name }) => {
  const way = ways.findIndex((each) => each.name === name) + 1;
  const username = `olga-sms-${way}`;
  const number = `06 1234560${way}`;
  let window: Window;
  let organizationId = '';
  let userId = '';
  let key = '';
  beforeAll(async () => {
    organizationId = await addOrganization(door, `Acme ${way}`);
    userId = await addPerson(door, { organizationId, username, role: 'OWNER' });
    key = await enroll(door, userId);
    await door.database.user.update({ where: { id: userId }, data: { email: `${username}@acme.test` } });
    await door.database.organization.update({ where: { id: organizationId }, data: { twoFactorRequired: true } });
    window = await openWindow(chromium, door.base, { script, size, dark });
  });
  afterAll(() => window.close());

  /** Where each page can be looked at after a run, in a folder for things that may go. */
  const look = async (page: Page, shot: string) => {
    const folder = join(tmpdir(), 'gatehouse-sms');
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${way}-${shot}.png`), fullPage: true });
    expect({ shot, ...(await factsOf(page)) }).toEqual({ shot, ...faultless });
  };
  /** As a person reads it: in another tab, off the page of the outbox. */
  const readCode = async (): Promise<string> => {
    const tab = await window.context.newPage();
    await tab.goto('/outbox');
    const newest = tab.locator('article', { hasText: 'SMS' }).first();
    const [, code = ''] = /(\d{6}) is your Gatehouse code/.exec((await newest.textContent()) ?? '') ?? [];
    await look(tab, 'outbox');
    await tab.close();
    return code;
  };

  it('lets an owner allow SMS and choose the countries', async () => {
    const { page } = window;
    door.clock.turn(seconds(30));
    await signIn(page, username);
    await answerWith(page, door.codeOf(key));
    await standsAt(page, '/');
    await page.goto(security);
    expect(await page.getByRole('switch', { name: 'Codes by SMS' }).isDisabled()).toBe(true);
    await look(page, 'security-not-allowed');
    await page.goto(configuration);
    await page.getByRole('switch', { name: 'Allow codes by SMS' }).check();
    expect(await page.getByLabel('Belgium').isVisible()).toBe(false);
    await page.getByText('Netherlands', { exact: true }).first().click();
    await page.getByLabel('Belgium').check();
    await page.getByLabel(/^Messages a month/).fill('500');
    await look(page, 'configuration-countries');
    await press(page, 'Save changes');
    await page.getByRole('status').waitFor();
    expect(await page.locator('.countries summary').textContent()).toBe('Belgium, Netherlands');
    expect(await page.getByLabel(/^Messages a month/).inputValue()).toBe('500');
    await look(page, 'configuration-saved');
    expect(await door.database.organization.findUniqueOrThrow({ where: { id: organizationId } })).toMatchObject({
      smsAllowed: true,
      smsCountries: ['BE', 'NL'],
      smsMonthlyBudget: 500,
    });
  });

  it('says what is wrong when no country is left, with the countries open', async () => {
    const { page } = window;
    await page.locator('.countries summary').click();
    await page.getByLabel('Belgium').uncheck();
    await page.getByLabel('Netherlands', { exact: true }).uncheck();
    await press(page, 'Save changes');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/Choose at least one country/);
    expect(await page.getByLabel('Belgium').isVisible()).toBe(true);
    await look(page, 'configuration-refused');
  });

  it('warns that there is no number, and leads to where one is saved', async () => {
    const { page } = window;
    await page.goto(security);
    expect(await page.getByTestId('no-phone-warning').isVisible()).toBe(true);
    await look(page, 'security-no-number');
    await page.getByRole('link', { name: 'Save one under Details' }).click();
    await standsAt(page, details);
    await page.getByLabel(/^Mobile number/).fill('020 1234567');
    await press(page, 'Save');
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel(/^Mobile number/).inputValue()).toBe('020 1234567');
    await look(page, 'details-refused');
    await page.getByLabel(/^Mobile number/).fill(number);
    await press(page, 'Save');
    await page.getByRole('status').waitFor();
    expect(await page.getByLabel(/^Mobile number/).inputValue()).toBe(number);
    await look(page, 'details-saved');
  });

  it('sends a test code, which verifies the number', async () => {
    const { page } = window;
    await page.goto(security);
    expect(await page.getByRole('switch', { name: 'Codes by SMS' }).isChecked()).toBe(true);
    await look(page, 'security');
    await press(page, 'Send me a test code');
    await standsAt(page, numberTest);
    await look(page, 'number-test');
    await page.getByLabel('Six-digit code').fill('1');
    await press(page, 'Check code');
    await page.getByRole('alert').waitFor();
    await look(page, 'number-test-refused');
    await page.getByLabel('Six-digit code').fill(await readCode());
    await press(page, 'Check code');
    await standsAt(page, security);
    expect(await page.getByText(/verified 24 November 2026/).isVisible()).toBe(true);
    await look(page, 'security-verified');
  });

  it('offers a code by SMS at the next sign-in, and counts the seconds until another one', async () => {
    const { page } = window;
    await press(page, 'Sign out');
    await standsAt(page, '/login');
    door.clock.turn(seconds(60));
    await signIn(page, username);
    await standsAt(page, challenge);
    await look(page, 'challenge');
    await press(page, 'Send code by SMS');
    await page.getByTestId('sms-sent').waitFor();
    await standsAt(page, challenge);
    const left = async () => Number(await page.locator('[data-seconds]').textContent());
    expect(await page.getByRole('button', { name: 'Send again' }).isVisible()).toBe(true);
    await look(page, 'challenge-sent');
    const first = await left();
    expect(first).toBeLessThanOrEqual(60);
    expect(first).toBeGreaterThan(50);
    await page.waitForTimeout(1700);
    if (script) expect(await left()).toBeLessThan(first);
    else expect(await left()).toBe(60);
  });

  it('says when another one can be sent, to who does not wait', async () => {
    const { page } = window;
    await press(page, 'Send again');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/sent again in 60 seconds\. Your authenticator app works now\./);
    await look(page, 'challenge-too-early');
  });

  it('takes the code that the outbox shows, typed into the same boxes', async () => {
    const { page } = window;
    const code = await readCode();
    await page.goto(challenge);
    await page.getByLabel('Six-digit code').click();
    await page.keyboard.type(code);
    await press(page, 'Sign in');
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe(username);
    expect(await door.database.smsMessage.count({ where: { userId } })).toBe(2);
    await page.goto(configuration);
    expect(await page.getByText('2 of 500 messages').isVisible()).toBe(true);
    await look(page, 'configuration-month');
  });

  it('went without a complaint from the browser', () => {
    expect(window.problems).toEqual([]);
  });
});

describe("a member's switch that cannot be used", () => {
  it.each([
    ['SMS is not allowed', false, 'does not allow codes by SMS'],
    ['there is no number', true, 'It needs a mobile number first'],
  ])('says why where %s', async (name, smsAllowed, words) => {
    const organizationId = await addOrganization(door, `Why ${name}`, { twoFactorRequired: true, smsAllowed });
    const id = await addPerson(door, { organizationId, username: `agnes-${smsAllowed}` });
    const key = await enroll(door, id);
    const { page, close } = await openWindow(chromium, door.base);
    try {
      await signIn(page, `agnes-${smsAllowed}`);
      await answerWith(page, door.codeOf(key));
      await standsAt(page, '/');
      await page.goto(security);
      expect(await page.getByText(words).isVisible()).toBe(true);
    } finally {
      await close();
    }
  });
});

describe('the countdown', () => {
  it('ends when another code can be sent', async () => {
    const organizationId = await addOrganization(door, 'Seconds', { twoFactorRequired: true, smsAllowed: true });
    const id = await addPerson(door, { organizationId, username: 'olga-seconds' });
    await enroll(door, id);
    await door.database.user.update({ where: { id }, data: { phoneNumber: '+31612345609' } });
    const { page, close } = await openWindow(chromium, door.base);
    await signIn(page, 'olga-seconds');
    await standsAt(page, challenge);
    await press(page, 'Send code by SMS');
    await page.getByTestId('sms-sent').waitFor();
    door.clock.turn(seconds(58));
    await page.reload();
    expect(await page.locator('[data-seconds]').textContent()).toMatch(/[12]/);
    await page.locator('[data-countdown]').waitFor({ state: 'hidden' });
    door.clock.turn(seconds(2));
    await press(page, 'Send again');
    await standsAt(page, challenge);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await door.database.smsMessage.count({ where: { userId: id } })).toBe(2);
    await close();
  });
});

describe('a double click on Send code by SMS', () => {
  it.each([true, false])('sends one, with script: %s', async (script) => {
    const organizationId = await addOrganization(door, `Twice ${script}`, { twoFactorRequired: true, smsAllowed: true });
    const id = await addPerson(door, { organizationId, username: `olga-twice-${script}` });
    await enroll(door, id);
    await door.database.user.update({ where: { id }, data: { phoneNumber: script ? '+31612345617' : '+31612345618' } });
    const { page, close } = await openWindow(chromium, door.base, { script });
    await signIn(page, `olga-twice-${script}`);
    await standsAt(page, challenge);
    await page.getByRole('button', { name: 'Send code by SMS' }).dblclick();
    await page.getByTestId('sms-sent').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await door.database.smsMessage.count({ where: { userId: id } })).toBe(1);
    await close();
  });
});
