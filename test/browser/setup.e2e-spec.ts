import type { Browser } from 'playwright-core';
import { Setup } from '../../src/auth/setup.service.js';
import { launchChromium } from '../support/chromium.js';
import { type Door, openDoor } from '../support/door.js';
import { password } from '../support/people.js';
import { openWindow, signedInAs, standsAt, withAndWithoutScript } from '../support/windows.js';

let chromium: Browser;
beforeAll(async () => {
  chromium = await launchChromium();
});
afterAll(() => chromium.close());

describe.each(withAndWithoutScript)('setting up, $name', ({ script }) => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  it('keeps what was typed but the password, then ends a double click as one click', async () => {
    const { page, problems, close } = await openWindow(chromium, door.base, { script });
    await page.goto((await door.app.get(Setup).createLink()) ?? '/no-link');
    await page.getByLabel('Organization name').fill('Acme');
    await page.getByLabel('Your name').fill('Olga Owner');
    await page.getByLabel('Username').fill('olga');
    await page.getByLabel('E-mail address').fill('olga@acme.test');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Create organization' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Organization name').inputValue()).toBe('Acme');
    expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create organization' }).dblclick();
    await standsAt(page, '/');
    expect(await signedInAs(page)).toBe('olga');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect([await door.database.organization.count(), await door.database.user.count()]).toEqual([1, 1]);
    expect(problems).toEqual([]);
    await close();
  });
});
