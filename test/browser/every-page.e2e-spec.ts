import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { type Door, openDoor } from '../support/door.js';
import { controlsOf, factsOf, faultless } from '../support/page-facts.js';
import { everyPage, setUp, type Stop } from '../support/page-walk.js';
import { type Look, openWindow, sizes } from '../support/windows.js';

let door: Door;
let chromium: Browser;
beforeAll(async () => {
  [door, chromium] = await Promise.all([openDoor({ environment: { LIMITS: 'relaxed' } }), launchChromium()]);
});
afterAll(async () => {
  await chromium.close();
  await door.close();
});

const visiting = async (stop: Stop, look: Look, inspect: (page: Page) => Promise<void>) => {
  const { page, problems, close } = await openWindow(chromium, door.base, look);
  try {
    await stop.open(page, door);
    await inspect(page);
    expect(problems).toEqual([]);
  } finally {
    await close();
  }
};

/** Both schemes and both sizes, each once: what a colour does to a page does not hang on its width. */
const looks = [
  { colorScheme: 'light', size: 'desktop' },
  { colorScheme: 'dark', size: 'narrow' },
] as const;

const reloadWithoutScript = async (page: Page) => {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setScriptExecutionDisabled', { value: true });
  await page.reload();
};

const isWhole = async (stop: Stop) => {
  await visiting(stop, { size: 'narrow' }, async (page) => {
    for (const { colorScheme, size } of looks) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(sizes[size]);
      expect({ colorScheme, size, ...(await factsOf(page)) }).toEqual({ colorScheme, size, ...faultless });
    }
    expect((await controlsOf(page)).filter(({ name }) => name.trim() === '')).toEqual([]);
    const title = await page.title();
    expect(title).toMatch(/^(Error: )?\S.* – \S/);
    await reloadWithoutScript(page);
    expect({ title: await page.title(), ...(await factsOf(page)) }).toEqual({ title, ...faultless });
  });
};

const walk = [...setUp, ...everyPage];

// The pages to set up come first: they are there only while there is no organization.
it.each(walk)('$name: is whole, and says what its parts are', isWhole);

describe('the switches', () => {
  const pages = { off: 'configuration, off', on: 'configuration, on' };
  it.each([
    [pages.off, false, true],
    [pages.on, true, false],
  ])('tell a screen reader what they are and how they stand: %s', async (name, isOn, isSmsDisabled) => {
    const stop = everyPage.find((page) => page.name === name)!;
    await visiting(stop, {}, async (page) => {
      const switches = (await controlsOf(page)).filter(({ role }) => role === 'switch');
      expect(switches.map(({ name: label }) => label)).toEqual(['Two-factor authentication', 'Allow codes by SMS']);
      expect(switches.map(({ checked }) => String(checked))).toEqual([String(isOn), String(isOn)]);
      expect(switches.map(({ disabled }) => disabled === true)).toEqual([false, isSmsDisabled]);
    });
  });
});
