/**
 * What must never stand in a log, and every line that was logged: each test file is watched to its end, whatever it is about.
 * Doors, browsers, doubles and processes tell what they see; the file's last act is to compare. The one exception is the
 * setup link, which a process prints on its terminal on purpose.
 */
import type { Ended } from './command-line.js';

const secrets = new Map<string, string>();
const codes = new Map<string, string>();
const lines: string[] = [];

/** Shorter ones stand in a log by chance, and plain words as the name of an event: `wrong password`. */
const leastLength = 8;
const plainWords = /^[a-z ]*$/;
const hiddenFields = ['password', 'currentPassword', 'recoveryCode', 'phoneNumber', 'email', 'emails', 'note', 'reason', '_csrf'];
const tokenInLink = /[?&]token=([\w-]{20,})/g;
const secretsOnPage = [tokenInLink, /data-testid="(?:totp-key|recovery-code)"[^>]*>\s*([^<]+?)\s*</g];
const secretsOfImport = /"(?:password|passwordHash|totpSecret|phoneNumber|email)":\s*"((?:[^"\\]|\\.)+)"/g;
const setupLink = /\S+\/setup\?token=\S+/g;

export function watchLine(line: string): void {
  lines.push(line);
}

/** What a process wrote, on either output. */
export function watchOutput({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>): void {
  lines.push(stdout.replace(setupLink, ''), stderr);
}

/** @param kind what a failure calls it */
export function keepSecret(kind: string, value: string): void {
  const asCode = value.replace(/[\s-]/g, '');
  if (/^\d{6}$/.test(asCode)) codes.set(asCode, kind);
  if (value.length < leastLength || plainWords.test(value)) return;
  for (const written of [value, asCode, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)]) secrets.set(written, kind);
}

/** Somebody's name, or a password in the wrong field: short enough to be a word, so it is looked for where a value or a path would be. */
export function keepUsername(username: string): void {
  if (username === '') return;
  secrets.set(`:${JSON.stringify(username)}`, 'username');
  secrets.set(`/${username}"`, 'username').set(`/${username}/`, 'username');
}

export function keepRequest(url: URL, body: URLSearchParams | undefined): void {
  for (const token of url.searchParams.getAll('token')) keepSecret('token', token);
  for (const [name, value] of body ?? []) {
    const field = name.replace(/\[.*$/, '');
    if (field === 'username') keepUsername(value);
    if (field === 'code' || hiddenFields.includes(field)) keepSecret(field, value);
  }
}

/** Links, keys and codes on a page, in the outbox or in a mail. */
export function keepShown(text: string): void {
  for (const pattern of secretsOnPage) for (const [, value = ''] of text.matchAll(pattern)) keepSecret('shown once', value);
}

export function keepImported(ndjson: string): void {
  for (const [, value = ''] of ndjson.matchAll(secretsOfImport)) keepSecret('imported', value);
}

export function keepEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) if (/SECRET|PASSWORD/.test(name)) keepSecret(name, value);
}

/** @returns what should not be there: the kind of secret and its line. What was seen so far is forgotten. */
export function findLeaks(): readonly string[] {
  const all = lines.join('\n');
  const leaks = [...secrets].filter(([secret]) => all.includes(secret));
  const numbers = new Set(all.match(/(?<![\w.-])\d{6}(?![\w.-])/g));
  const found = [...leaks, ...[...codes].filter(([code]) => numbers.has(code))];
  const told = found.map(([secret, kind]) => `${kind} '${secret}' in: ${lines.find((line) => line.includes(secret))}`);
  for (const kept of [secrets, codes]) kept.clear();
  lines.length = 0;
  return told;
}

afterAll(() => {
  expect(findLeaks()).toEqual([]);
});
