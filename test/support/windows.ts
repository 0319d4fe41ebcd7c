/** Windows of a real Chromium: with or without script, at a desk or on a phone, and noting all that goes wrong in them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, BrowserContext, ConsoleMessage, Page, Request } from 'playwright-core';
import { password } from './people.js';

export const sizes = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  narrow: { width: 360, height: 740 },
} as const;

export type Size = keyof typeof sizes;

/** The ways in which the journeys are walked. */
export type Way = { readonly script: boolean; readonly size: Size; readonly dark: boolean; readonly name: string };

export const ways: readonly Way[] = [
  { script: true, size: 'desktop', dark: false, name: 'at a desk with script' },
  { script: false, size: 'desktop', dark: true, name: 'at a desk without script, in the dark' },
  { script: true, size: 'phone', dark: true, name: 'on a phone with script, in the dark' },
  { script: false, size: 'phone', dark: false, name: 'on a phone without script' },
];
export type Look = { readonly script?: boolean; readonly size?: Size; readonly dark?: boolean };

/** For describe.each: every journey holds both ways. */
export const withAndWithoutScript = [
  { script: true, name: 'with script' },
  { script: false, name: 'without script' },
] as const;

export type Window = {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the console, the scripts and the content security policy complained of, and requests that left this machine. */
  readonly problems: readonly string[];
  close(): Promise<void>;
};

export async function openWindow(
  chromium: Browser,
  base: string,
  { script = true, size = 'desktop', dark = false }: Look = {},
): Promise<Window> {
  const context = await chromium.newContext({
    baseURL: base,
    javaScriptEnabled: script,
    viewport: sizes[size],
    hasTouch: size !== 'desktop',
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(10_000);
  await context.addInitScript(
    'addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => console.error("policy", violatedDirective, blockedURI))',
  );
  const problems: string[] = [];
  context.on('console', (message) => isComplaint(message) && problems.push(`${message.type()}: ${message.text()}`));
  context.on('weberror', (error) => problems.push(error.error().message));
  context.on('request', (request) => isElsewhere(request, base) && problems.push(`left this machine: ${request.url()}`));
  return { page: await context.newPage(), context, problems, close: () => context.close() };
}

export async function signIn(page: Page, username: string): Promise<void> {
  await page.goto('/login');
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function answerWith(page: Page, code: string): Promise<void> {
  await page.getByLabel('Six-digit code').fill(code);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Waits until the window stands on this path. By looking: `waitForURL` fails when a second click cuts a first one short. */
export async function standsAt(page: Page, path: string): Promise<void> {
  for (let looks = 0; pathOf(page) !== path; looks += 1) {
    if (looks === 200)
      throw new Error(`expected to stand at ${path}, but this is ${page.url()}: ${await page.locator('main').innerText()}`);
    await pause(50);
  }
  await page.locator('main').waitFor();
}

const pathOf = (page: Page) => new URL(page.url()).pathname;

export async function signedInAs(page: Page): Promise<string | null> {
  return page.getByTestId('signed-in-as').textContent();
}

/** Chromium reports every refused form as a failed resource; a refusal is no complaint, a missing stylesheet is. */
function isComplaint(message: ConsoleMessage): boolean {
  if (message.type() !== 'error' && message.type() !== 'warning') return false;
  return (
    !message.text().startsWith('Failed to load resource: the server responded with a status of 4') ||
    message.location().url.includes('/assets/')
  );
}

function isElsewhere(request: Request, base: string): boolean {
  return new URL(request.url()).port !== new URL(base).port;
}
