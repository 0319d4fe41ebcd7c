/** What a phone's camera reads from a page: the QR code in a screenshot of it. */
import jsQR from 'jsqr';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';

// The package is CommonJS with a `default` of its own.
const decode = 'default' in jsQR ? jsQR.default : jsQR;

/** @throws when there is none that can be read */
export async function qrCodeOnScreen(page: Page): Promise<URL> {
  const { data, width, height } = PNG.sync.read(await page.screenshot({ fullPage: true }));
  const found = decode(new Uint8ClampedArray(data), width, height, { inversionAttempts: 'dontInvert' });
  if (!found) throw new Error('no QR code can be read from this page');
  return new URL(found.data);
}
