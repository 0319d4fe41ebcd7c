import type { Browser, Page } from 'playwright-core';
import { seconds } from '../../src/platform/clock.js';
import { launchChromium } from '../support/chromium.js';
import { type Door, openDoor } from '../support/door.js';
import { addOrganization, addPerson, enroll, password, type Policy } from '../support/people.js';
import { answerWith, type Look, openWindow, signedInAs, signIn, standsAt, type Window, withAndWithoutScript } from '../support/windows.js';

const configuration = '/organization/configuration';
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

const windows: Window[] = [];
afterEach(async () => {
  const opened = windows.splice(0);
  await Promise.all(opened.map((window) => window.close()));
  expect(opened.flatMap(({ problems }) => problems)).toEqual([]);
});
const open = async (look: Look = {}) => {
  const window = await openWindow(chromium, door.base, look);
  windows.push(window);
  return window;
};

let count = 0;
type Known = { readonly organizationId: string; readonly userId: string; readonly username: string; readonly key: string };

/** An owner of an organization of their own, with an authenticator. */
const addOwner = async (policy: Policy = {}): Promise<Known> => {
  count += 1;
  const username = `olga${count}`;
  const organizationId = await addOrganization(door, `Acme ${count}`, policy);
  const userId = await addPerson(door, { organizationId, username, role: 'OWNER' });
  return { organizationId, userId, username, key: await enroll(door, userId) };
};
const reachChallenge = async (look: Look = {}) => {
  const owner = await addOwner({ twoFactorRequired: true });
  const window = await open(look);
  await signIn(window.page, owner.username);
  await standsAt(window.page, challenge);
  return { ...owner, ...window };
};
const wrongCode = (key: string) => {
  const taken = [-1, 0, 1].map((steps) => door.codeOf(key, steps));
  return ['000000', '111111', '222222', '333333'].find((code) => !taken.includes(code)) ?? '';
};
const focused = (page: Page) => page.locator(':focus');

describe('the six boxes', () => {
  it('take a pasted code with a space in it', async () => {
    const { page, context, key, username } = await reachChallenge();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const code = door.codeOf(key);
    await page.evaluate(`navigator.clipboard.writeText('${code.slice(0, 3)} ${code.slice(3)}')`);
    await page.keyboard.press('ControlOrMeta+v');
    expect(await page.getByLabel('Six-digit code').inputValue()).toBe(code);
    await page.keyboard.press('Enter');
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe(username);
  });

  it('take it without script too: the server takes the space out', async () => {
    const { page, key, username } = await reachChallenge({ script: false });
    const code = door.codeOf(key);
    await answerWith(page, `${code.slice(0, 3)} ${code.slice(3)}`);
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe(username);
  });

  it('hold digits only, one a box, and send nothing by themselves', async () => {
    const { page } = await reachChallenge();
    await page.keyboard.type('1a2-3 4b56');
    expect(await page.getByLabel('Six-digit code').inputValue()).toBe('123456');
    expect(await page.locator('.code-boxes').getAttribute('data-filled')).toBe('6');
    await page.waitForTimeout(300);
    expect(new URL(page.url()).pathname).toBe(challenge);
    await page.keyboard.press('Backspace');
    expect(await page.locator('.code-boxes').getAttribute('data-filled')).toBe('5');
  });

  it.each(['desktop', 'narrow'] as const)('are six drawn boxes that all can be seen, at %s', async (size) => {
    const { page } = await reachChallenge({ size });
    const boxes = await Promise.all((await page.locator('.code-box').all()).map((box) => box.boundingBox()));
    expect(boxes).toHaveLength(6);
    for (const box of boxes) {
      expect(box?.width).toBeGreaterThanOrEqual(32);
      expect(box?.height).toBeGreaterThanOrEqual(44);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(size === 'narrow' ? 360 : 1280);
    }
  });
});

describe.each(withAndWithoutScript)('a wrong code, $name', ({ script }) => {
  it('is said in an alert, and the focus is where the next step is', async () => {
    const { page, key } = await reachChallenge({ script });
    await answerWith(page, wrongCode(key));
    const alert = page.getByRole('alert');
    expect(await alert.textContent()).toMatch(/That code is not right/);
    expect(await page.title()).toMatch(/^Error:/);
    const code = page.getByLabel('Six-digit code');
    expect(await code.inputValue()).toBe('');
    expect(await code.getAttribute('aria-invalid')).toBe('true');
    if (script) expect(await focused(page).getAttribute('role')).toBe('alert');
    await alert.getByRole('link').click();
    await page.keyboard.type(door.codeOf(key));
    expect(await code.inputValue()).toBe(door.codeOf(key));
    await page.keyboard.press('Enter');
    await standsAt(page, '/');
  });
});

describe.each(withAndWithoutScript)('the back button, $name', ({ script }) => {
  it('shows no form to sign in again after signing in', async () => {
    const { page, key, username } = await reachChallenge({ script });
    await answerWith(page, door.codeOf(key));
    await standsAt(page, '/');
    for (let step = 0; step < 2; step += 1) {
      await page.goBack();
      await standsAt(page, '/');
      expect(await signedInAs(page)).toBe(username);
      expect(await page.getByLabel('Six-digit code').count()).toBe(0);
    }
  });

  it("shows no member's page after signing out", async () => {
    const { page, key } = await reachChallenge({ script });
    await answerWith(page, door.codeOf(key));
    await standsAt(page, '/');
    await page.goto('/profile/details');
    await page.goto(configuration);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await standsAt(page, '/login');
    for (let step = 0; step < 4; step += 1) {
      await page.goBack();
      await page.waitForLoadState();
      expect(await page.getByTestId('signed-in-as').count()).toBe(0);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in');
    }
  });
});

describe.each(withAndWithoutScript)('a second click, $name', ({ script }) => {
  const slowLine = { offline: false, latency: 1_000, downloadThroughput: -1, uploadThroughput: -1 };

  /** The first post has reached the server and its answer is still on its way when the second is sent. */
  const clickTwice = async (page: Page, name: string) => {
    const posts: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && posts.push(request.url()));
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    await session.send('Network.emulateNetworkConditions', slowLine);
    const button = page.getByRole('button', { name, exact: true });
    await button.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await button.boundingBox())!;
    await page.mouse.click(x + width / 2, y + height / 2);
    await page.waitForTimeout(60);
    await page.mouse.click(x + width / 2, y + height / 2);
    await page.waitForTimeout(100);
    expect(posts).toHaveLength(2);
  };
  const noAlert = async (page: Page) => expect(await page.getByRole('alert').count()).toBe(0);

  it('on Sign in signs in', async () => {
    const { username, userId } = await addOwner();
    const { page } = await open({ script });
    await page.goto('/login');
    await page.getByLabel('Username').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await clickTwice(page, 'Sign in');
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe(username);
    await noAlert(page);
    expect(await door.database.session.count({ where: { userId } })).toBe(1);
  });

  it('on a code signs in once', async () => {
    const { page, key, userId, username } = await reachChallenge({ script });
    await page.getByLabel('Six-digit code').fill(door.codeOf(key));
    await clickTwice(page, 'Sign in');
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe(username);
    await noAlert(page);
    await page.goto('/profile/security');
    expect(await signedInAs(page)).toBe(username);
    expect(await door.database.session.count({ where: { userId } })).toBe(1);
    expect(await door.database.codeTries.count({ where: { userId, failedInRow: { gt: 0 } } })).toBe(0);
  });

  it('on the first code enrolls once', async () => {
    const { organizationId } = await addOwner({ twoFactorRequired: true });
    const username = `agnes${count}`;
    const userId = await addPerson(door, { organizationId, username });
    const { page } = await open({ script });
    await signIn(page, username);
    const key = ((await page.getByTestId('totp-key').textContent()) ?? '').replace(/\s/g, '');
    await page.getByLabel('Six-digit code').fill(door.codeOf(key));
    await clickTwice(page, 'Sign in');
    await standsAt(page, '/profile/recovery-codes');
    expect(await signedInAs(page)).toBe(username);
    await noAlert(page);
    expect(await door.database.recoveryCode.count({ where: { userId } })).toBe(10);
    expect(await door.database.authenticator.count({ where: { userId } })).toBe(1);
    expect(await door.database.session.count({ where: { userId } })).toBe(1);
  });

  it('on Save changes saves once and leads on', async () => {
    const { organizationId, username } = await addOwner();
    const { page } = await open({ script });
    await signIn(page, username);
    await standsAt(page, '/');
    await page.goto(configuration);
    await page.getByRole('switch', { name: 'Two-factor authentication' }).check();
    await clickTwice(page, 'Save changes');
    await standsAt(page, challenge);
    await noAlert(page);
    expect(await door.database.auditRecord.count({ where: { organizationId, kind: 'policy-changed' } })).toBe(1);
  });

  it('on Sign out signs out', async () => {
    const { userId, username } = await addOwner();
    const { page } = await open({ script });
    await signIn(page, username);
    await standsAt(page, '/');
    await clickTwice(page, 'Sign out');
    await standsAt(page, '/login');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Sign in');
    await noAlert(page);
    expect(await door.database.session.count({ where: { userId } })).toBe(0);
  });
});

describe('the switch for SMS', () => {
  const required = (page: Page) => page.getByRole('switch', { name: 'Two-factor authentication' });
  const sms = (page: Page) => page.getByRole('switch', { name: 'Allow codes by SMS' });
  const save = (page: Page) => page.getByRole('button', { name: 'Save changes' }).click();
  const openConfiguration = async (script: boolean) => {
    const owner = await addOwner();
    const { page } = await open({ script });
    await signIn(page, owner.username);
    await standsAt(page, '/');
    await page.goto(configuration);
    return { ...owner, page };
  };
  const policyOf = (id: string) =>
    door.database.organization.findUniqueOrThrow({ where: { id }, select: { twoFactorRequired: true, smsAllowed: true } });

  it('follows the switch above it where there is script, and both are saved by one click', async () => {
    const { page, organizationId } = await openConfiguration(true);
    expect(await sms(page).isDisabled()).toBe(true);
    expect(await page.getByText('Two-factor authentication has to be on first').isVisible()).toBe(true);
    await required(page).click();
    expect(await sms(page).isEnabled()).toBe(true);
    expect(await page.getByText('Two-factor authentication has to be on first').isVisible()).toBe(false);
    await sms(page).click();
    await required(page).click();
    expect(await sms(page).isChecked()).toBe(false);
    expect(await sms(page).isDisabled()).toBe(true);
    await required(page).click();
    await page.getByText('Allow codes by SMS', { exact: true }).click();
    await save(page);
    await standsAt(page, challenge);
    expect(await policyOf(organizationId)).toEqual({ twoFactorRequired: true, smsAllowed: true });
  });

  it('works without script by saving twice', async () => {
    const { page, organizationId, key } = await openConfiguration(false);
    expect(await sms(page).isDisabled()).toBe(true);
    await required(page).click();
    expect(await sms(page).isDisabled()).toBe(true);
    await save(page);
    await standsAt(page, challenge);
    door.clock.turn(seconds(30));
    await answerWith(page, door.codeOf(key));
    await standsAt(page, configuration);
    expect(await required(page).isChecked()).toBe(true);
    await sms(page).click();
    await save(page);
    await page.getByRole('status').waitFor();
    expect(await sms(page).isChecked()).toBe(true);
    expect(await policyOf(organizationId)).toEqual({ twoFactorRequired: true, smsAllowed: true });
  });
});

describe.each(withAndWithoutScript)('a password field, $name', ({ script }) => {
  it('can be read by its owner only where there is script, and goes out as a password', async () => {
    const { username } = await addOwner();
    const { page } = await open({ script });
    await page.goto('/login');
    const field = page.getByLabel('Password', { exact: true });
    await field.fill(password);
    const show = page.getByRole('button', { name: 'Show password' });
    if (!script) return expect(await show.isVisible()).toBe(false);
    await show.click();
    expect(await field.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Hide password' }).click();
    expect(await field.getAttribute('type')).toBe('password');
    await show.click();
    await page.getByLabel('Username').fill(username);
    await field.press('Enter');
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe(username);
  });
});

describe('a visitor by another name of this machine', () => {
  it('is told where this Gatehouse lives, and gets there by the link', async () => {
    const { page } = await open();
    const elsewhere = door.base.replace('localhost', '127.0.0.1');
    await page.goto(`${elsewhere}/login`);
    const link = page.getByRole('link', { name: door.base });
    expect(await page.getByText(`You came by ${elsewhere}`).isVisible()).toBe(true);
    await link.click();
    await page.waitForURL(`${door.base}/**`);
    expect(await page.getByText('You came by').count()).toBe(0);
  });
});
