/** Takes the pictures of the documentation: a real server on a throw-away folder, driven through its own pages. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { chromium } from 'playwright-core';

const root = join(import.meta.dirname, '..');
const images = join(root, 'docs', 'images');
const gatehouse = join(root, 'bin', 'gatehouse.mjs');
const password = 'open the gate at noon';
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const desk = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-screenshots-'));
const port = await freePort();
const base = `http://localhost:${port}`;
const env = {
  ...process.env,
  NODE_ENV: 'development',
  DATA_DIR: join(folder, 'data'),
  DATABASE_URL: '',
  PORT: String(port),
  PUBLIC_URL: base,
  LOG_LEVEL: 'warn',
};
let server;
let browser;
try {
  seed();
  await serve();
  browser = await launch();
  mkdirSync(images, { recursive: true });
  await takeAll();
} finally {
  await browser?.close();
  await stop();
  rmSync(folder, { recursive: true, force: true });
}

async function takeAll() {
  const signIn = await visit('/login');
  await take(signIn, 'sign-in');
  const owner = await comeAs('olga');
  await owner.getByLabel('Six-digit code').fill(new TOTP({ secret }).generate());
  await owner.getByRole('button', { name: 'Sign in', exact: true }).click();
  await owner.getByTestId('signed-in-as').waitFor();
  await owner.goto('/organization/people');
  await shoot(owner, 'people');
  await owner.goto('/organization/configuration');
  await take(owner, 'configuration');
  await take(await comeAs('agnes'), 'enrollment');
  await take(await comeAs('agnes', phone), 'enrollment-phone');
  await take(await comeAs('adam'), 'challenge');
  const bySms = await comeAs('adam', phone);
  await bySms.getByTestId('send-sms').getByRole('button').click();
  await bySms.getByTestId('sms-sent').waitFor();
  await take(bySms, 'challenge-sms-phone');
}

async function visit(path, viewport = desk) {
  const context = await browser.newContext({ baseURL: base, viewport, colorScheme: 'light', isMobile: viewport === phone });
  const page = await context.newPage();
  await page.goto(path);
  return page;
}

async function comeAs(username, viewport) {
  const page = await visit('/login', viewport);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Six-digit code').waitFor();
  return page;
}

/** The last picture of a window. */
async function take(page, name) {
  await shoot(page, name);
  await page.context().close();
}

/** A blinking caret would make every run another picture: Playwright hides it. */
async function shoot(page, name) {
  await page.screenshot({ path: join(images, `${name}.png`), fullPage: true, animations: 'disabled' });
  console.log(`docs/images/${name}.png`);
}

function seed() {
  const organization = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: true, smsAllowed: true };
  const people = [
    { username: 'olga', name: 'Olga Owner', role: 'OWNER', totpSecret: secret },
    { username: 'adam', name: 'Adam Admin', role: 'ADMIN', totpSecret: secret, phoneNumber: '+31612345678' },
    { username: 'agnes', name: 'Agnes Agent', role: 'AGENT' },
  ].map((person) => ({ type: 'user', organization: 'acme', email: `${person.username}@acme.test`, password, ...person }));
  const file = join(folder, 'people.ndjson');
  writeFileSync(file, [organization, ...people].map((line) => `${JSON.stringify(line)}\n`).join(''));
  for (const given of [['migrate'], ['import', file]]) {
    const { status } = spawnSync(process.execPath, [gatehouse, ...given], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`gatehouse ${given[0]} failed`);
  }
}

async function serve() {
  server = spawn(process.execPath, [gatehouse, 'start'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  for (let looks = 0; ; looks += 1) {
    const isOpen = await fetch(`${base}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isOpen) return;
    if (looks === 300 || server.exitCode !== null) throw new Error('the server did not open');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function stop() {
  if (!server || server.exitCode !== null) return undefined;
  const stopped = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  return stopped;
}

function launch() {
  const found = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path && existsSync(path),
  );
  if (!found) throw new Error('No browser: install Chromium (Debian: apt-get install chromium), or set CHROMIUM_PATH to one');
  return chromium.launch({ executablePath: found, args: ['--no-sandbox'] });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
}
