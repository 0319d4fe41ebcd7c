/** A Chromium for the browser tests: the one named, one that is installed, or the one inside a development dependency. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const installed = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
];

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @throws one line that says what to install */
export async function launchChromium(): Promise<Browser> {
  const named = process.env.CHROMIUM_PATH;
  const executablePath = named ?? installed.find((path) => existsSync(path));
  if (executablePath) return chromium.launch({ executablePath, args: flags });
  try {
    const { default: packaged } = await import('@sparticuz/chromium');
    // With our flags, not its own: its single process does not outlive the closing of a window here.
    return await chromium.launch({ executablePath: await packaged.executablePath(), args: flags });
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(`No browser: install Chromium (Debian: apt-get install chromium), or set CHROMIUM_PATH to one (${reason})`, {
      cause: error,
    });
  }
}
