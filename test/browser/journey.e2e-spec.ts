import type { Browser, Page } from 'playwright-core';
import { seconds } from '../../src/platform/clock.js';
import { launchChromium } from '../support/chromium.js';
import { type Door, openDoor } from '../support/door.js';
import { addOrganization, addPerson } from '../support/people.js';
import { qrCodeOnScreen } from '../support/qr-on-screen.js';
import { answerWith, openWindow, signedInAs, signIn, standsAt, ways, type Window } from '../support/windows.js';

const configuration = '/organization/configuration';
const enroll = '/two-factor/enroll';
const challenge = '/two-factor/challenge';

describe.each(ways)('from the switch to the next sign-in, $name', ({ script, size, dark, name }) => {
  const organization = `Acme ${ways.findIndex((way) => way.name === name) + 1}`;
  const username = `olga-${size}-${script}`;
  let window: Window;
  let key = '';
  beforeAll(async () => {
    const organizationId = await addOrganization(door, organization);
    await addPerson(door, { organizationId, username, role: 'OWNER' });
    window = await openWindow(chromium, door.base, { script, size, dark });
  });
  afterAll(() => window.close());

  it('lets an owner in with the password, and to Organization > Configuration', async () => {
    const { page } = window;
    await signIn(page, username);
    expect(await signedInAs(page)).toBe(username);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Configuration' }).click();
    await standsAt(page, configuration);
    expect(await page.getByRole('switch', { name: 'Two-factor authentication' }).isChecked()).toBe(false);
  });

  it('leads the owner to set up the authenticator once two-factor is switched on', async () => {
    const { page } = window;
    const required = page.getByRole('switch', { name: 'Two-factor authentication' });
    await (size === 'phone' ? required.tap() : required.click());
    await page.getByRole('button', { name: 'Save changes' }).click();
    await standsAt(page, enroll);
    expect(await page.getByTestId('signed-in-as').count()).toBe(0);
  });

  it('shows a QR code that a camera reads: the product, the organization and the username, with the key that stands beside it', async () => {
    const { page } = window;
    key = ((await page.getByTestId('totp-key').textContent()) ?? '').replace(/\s/g, '');
    const read = await qrCodeOnScreen(page);
    expect(read.protocol).toBe('otpauth:');
    expect(read.host).toBe('totp');
    expect(decodeURIComponent(read.pathname)).toBe(`/Gatehouse:${organization} - ${username}`);
    expect(read.searchParams.get('issuer')).toBe('Gatehouse');
    expect(read.searchParams.get('secret')).toBe(key);
    expect(key).toMatch(/^[A-Z2-7]{32}$/);
  });

  it('takes the first code of that key, typed into the boxes', async () => {
    const { page } = window;
    await page.getByLabel('Six-digit code').click();
    await page.keyboard.type(door.codeOf(key));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await standsAt(page, '/profile/recovery-codes');
    expect(await signedInAs(page)).toBe(username);
  });

  it('shows ten recovery codes, to print and to copy where there is script, and goes on when they are kept', async () => {
    const { page } = window;
    expect(await page.getByTestId('recovery-code').count()).toBe(10);
    expect(await page.getByRole('button', { name: 'Print' }).count()).toBe(script ? 1 : 0);
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await standsAt(page, configuration);
    expect(await page.getByRole('switch', { name: 'Two-factor authentication' }).isChecked()).toBe(true);
  });

  it('signs out', async () => {
    const { page } = window;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await standsAt(page, '/login');
    expect(await page.getByRole('status').textContent()).toMatch(/signed out/);
  });

  it('asks for six digits at the next sign-in, and shows no key any more', async () => {
    const { page } = window;
    door.clock.turn(seconds(30));
    await signIn(page, username);
    await standsAt(page, challenge);
    expect(await page.getByTestId('totp-key').count()).toBe(0);
    await page.keyboard.type(door.codeOf(key));
    expect(await page.getByLabel('Six-digit code').inputValue()).toBe(door.codeOf(key));
    await page.keyboard.press('Enter');
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe(username);
  });

  it('keeps the sign-in over a closed browser', async () => {
    const { cookies } = await window.context.storageState();
    const session = cookies.find((cookie) => cookie.name === 'gatehouse');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(session?.expires).toBeGreaterThan(Date.now() / 1000 + 23 * 3600);
  });

  it('went without a complaint from the browser', () => {
    expect(window.problems).toEqual([]);
  });
});

describe('by keyboard alone', () => {
  it('switches two-factor on with Tab and Space, and saves with Enter', async () => {
    const organizationId = await addOrganization(door, 'Keys');
    await addPerson(door, { organizationId, username: 'olga-keys', role: 'OWNER' });
    const { page, close } = await openWindow(chromium, door.base);
    await signIn(page, 'olga-keys');
    await standsAt(page, '/');
    await page.goto(configuration);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to main content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('name')).toBe('twoFactorRequired');
    await page.keyboard.press('Space');
    const tabTo = async (name: string) => {
      for (let stops = 0; stops < 10; stops += 1) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate('document.activeElement?.getAttribute("name")')) === name) return;
      }
      throw new Error(`no way to ${name} by Tab`);
    };
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('1 member without an authenticator app: you');
    await tabTo('twoFactorFrom');
    await tabTo('smsAllowed');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Netherlands');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').getAttribute('name')).toBe('smsMonthlyBudget');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Save changes');
    await page.keyboard.press('Enter');
    await standsAt(page, enroll);
    expect(await door.database.organization.findUniqueOrThrow({ where: { id: organizationId } })).toMatchObject({
      twoFactorRequired: true,
      smsAllowed: true,
    });
    await close();
  });
});

describe('two tabs of one browser', () => {
  const drawnCode = (page: Page) => page.getByTestId('totp-qr').locator('path').getAttribute('d');

  it('show the same QR code at enrollment, and the second goes on once the first has signed in', async () => {
    const organizationId = await addOrganization(door, 'Tabs', { twoFactorRequired: true });
    await addPerson(door, { organizationId, username: 'agnes-tabs' });
    const { page, context, close } = await openWindow(chromium, door.base);
    await signIn(page, 'agnes-tabs');
    await standsAt(page, enroll);
    const second = await context.newPage();
    await second.goto(enroll);
    expect(await drawnCode(second)).toBe(await drawnCode(page));
    const secret = ((await page.getByTestId('totp-key').textContent()) ?? '').replace(/\s/g, '');
    await answerWith(page, door.codeOf(secret));
    await standsAt(page, '/profile/recovery-codes');
    await page.getByRole('button', { name: 'I have kept them' }).click();
    await standsAt(page, '/');
    await answerWith(second, door.codeOf(secret));
    await standsAt(second, '/');
    expect(await signedInAs(second)).toBe('agnes-tabs');
    await close();
  });
});

let door: Door;
let chromium: Browser;
beforeAll(async () => {
  [door, chromium] = await Promise.all([openDoor(), launchChromium()]);
});
afterAll(async () => {
  await chromium.close();
  await door.close();
});
