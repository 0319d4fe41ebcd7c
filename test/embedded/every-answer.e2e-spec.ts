import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { hours, minutes } from '../../src/platform/clock.js';
import { Assets } from '../../src/platform/assets.js';
import type { PageSeen } from '../support/browser.js';
import { type Door, openDoor, underHttps } from '../support/door.js';
import { addAcme, password } from '../support/people.js';

/** What one socket is answered, as it came. */
function sendRaw(base: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (part) => (answer += String(part))).on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

describe('every answer', () => {
  let door: Door;
  let etag: string;
  let version: string;
  beforeAll(async () => {
    door = await openDoor({ environment: underHttps });
    await addAcme(door);
    version = door.app.get(Assets).version;
    etag = (await fetch(`${door.base}/assets/gatehouse.css`)).headers.get('etag') ?? '';
  });
  afterAll(() => door.close());

  const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  const answers: [string, number, string, () => RequestInit][] = [
    ['a page', 200, '/login', () => ({})],
    ['a page without its body', 200, '/login', () => ({ method: 'HEAD' })],
    ['a redirect', 303, '/', () => ({})],
    ['a file', 200, '/assets/gatehouse.css', () => ({})],
    ['a file of this version', 200, '/assets/gatehouse.css?v=VERSION', () => ({})],
    ['a file of another version', 200, '/assets/gatehouse.css?v=0123456789ab', () => ({})],
    [
      'a file that the browser has',
      304,
      '/assets/gatehouse.css',
      () => ({ headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } }),
    ],
    ['a part of a file, which is the whole', 200, '/assets/gatehouse.css', () => ({ headers: { range: 'bytes=0-9' } })],
    ['a file without its body', 200, '/assets/gatehouse.css', () => ({ method: 'HEAD' })],
    ['a post to a file', 404, '/assets/gatehouse.css', () => ({ method: 'POST' })],
    ['a picture', 200, '/assets/favicon.svg', () => ({})],
    ['no such file', 404, '/assets/none.css', () => ({})],
    ['a folder', 404, '/assets/', () => ({})],
    ['a file by an address that cannot be read', 400, '/assets/%E0%A4%A', () => ({})],
    ['a file outside of the folder', 404, '/assets/%2e%2e%2fpackage.json', () => ({})],
    ['no such page', 404, '/nowhere', () => ({})],
    ['a page by an address that cannot be read', 400, '/%E0%A4%A', () => ({})],
    ['a post without a token', 403, '/login', () => ({ ...form, body: 'username=olga&password=x' })],
    ['a post that is too large', 413, '/login', () => ({ ...form, body: 'x'.repeat(20_000) })],
    ['a post that is no form', 415, '/login', () => ({ method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })],
    ['another method', 404, '/login', () => ({ method: 'PUT' })],
    ['OPTIONS', 404, '/login', () => ({ method: 'OPTIONS' })],
    ['health', 200, '/health/live', () => ({})],
    ['the database’s health', 200, '/health/ready', () => ({})],
    ['a receipt where there are none', 404, '/sms/receipts', () => ({ method: 'POST' })],
  ];

  it.each(answers)('carries what browsers must be told: %s, %d', async (_, status, path, request) => {
    const answer = await fetch(`${door.base}${path.replace('VERSION', version)}`, { redirect: 'manual', ...request() });
    const { headers } = answer;
    expect(answer.status).toBe(status);
    expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*base-uri 'none';object-src 'none';frame-ancestors 'none'/);
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    const isFile = /^\/assets\/(gatehouse|favicon)/.test(path) && status < 400;
    const kept = path.endsWith('?v=VERSION') ? 'public, max-age=31536000, immutable' : 'no-cache';
    expect(headers.get('cache-control')).toBe(isFile ? kept : 'no-store');
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin', 'allow']) expect(headers.get(name)).toBeNull();
    if ((await answer.text()) !== '') expect(headers.get('content-type')).toMatch(/; charset=utf-8$/);
  });

  it('with a file has all of it', async () => {
    const folder = join(process.cwd(), 'public');
    for (const name of readdirSync(folder)) {
      const answer = await fetch(`${door.base}/assets/${name}?v=${version}`);
      expect(Buffer.from(await answer.arrayBuffer()).equals(readFileSync(join(folder, name)))).toBe(true);
      expect(answer.headers.get('content-length')).toBe(String(statSync(join(folder, name)).size));
    }
  });

  it.each([
    ['headers of more than 16 KB', 431, `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['what is no HTTP', 400, 'GARBAGE\r\n\r\n'],
    ['an expectation that nobody knows', 417, 'GET /login HTTP/1.1\r\nHost: x\r\nExpect: foo\r\n\r\n'],
    ['two lengths', 400, 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na'],
    ['a length and chunks', 400, 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['chunks by another name', 400, 'POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['a header line that goes on', 400, 'GET /login HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c: d\r\n\r\n'],
    ['no name of a host', 400, 'GET /login HTTP/1.1\r\nX-Secret: told\r\n\r\n'],
    ['an address of another kind', 400, 'GET told://bar HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an address that is none', 400, 'GET http://[told HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['TRACE', 404, 'TRACE /login HTTP/1.1\r\nHost: x\r\nX-Secret: told\r\nConnection: close\r\n\r\n'],
  ])('carries it too when %s came, and the connection ends: %d', async (_, status, bytes) => {
    const answer = await sendRaw(door.base, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(/^Strict-Transport-Security: max-age=63072000; includeSubDomains\r$/im);
    expect(answer).toMatch(/^X-Content-Type-Options: nosniff\r$/im);
    expect(answer).toMatch(/^Content-Security-Policy: default-src 'none'/im);
    expect(answer).toMatch(/^Cache-Control: no-store\r$/im);
    expect(answer).toMatch(/^Connection: close\r$/m);
    expect(answer).not.toContain('told');
  });

  it('is begun by a request that took 10 seconds to arrive, at most', () => {
    expect(door.app.getHttpServer()).toMatchObject({ requestTimeout: 10_000, headersTimeout: 10_000 });
  });

  it('to a sign-out empties what the browser kept', async () => {
    const browser = door.browser({ origin: underHttps.PUBLIC_URL });
    const page = await browser.signIn('olga', password);
    const body = new URLSearchParams({ _csrf: String(page.$('input[name="_csrf"]').val()) });
    const { status, headers } = await browser.send('POST', '/logout', body);
    expect(status).toBe(303);
    expect(headers.get('clear-site-data')).toBe('"cache"');
    expect(headers.getSetCookie().join()).toMatch(/__Host-gatehouse=; Path=\/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure/);
  });

  it('with a page of a session leads away by itself as soon as that is over', async () => {
    const leadsAway = ({ $ }: PageSeen) => $('meta[http-equiv="refresh"]').attr('content');
    const browser = door.browser({ origin: underHttps.PUBLIC_URL });
    expect(leadsAway(await browser.get('/login'))).toBeUndefined();
    expect(leadsAway(await browser.signIn('adam', password))).toBe('86401; url=/');
    door.clock.turn(hours(1));
    expect(leadsAway(await browser.get('/'))).toBe('82801; url=/');
    await door.database.organization.updateMany({ data: { twoFactorRequired: true } });
    const page = await browser.get('/');
    expect([page.path, leadsAway(page)]).toEqual(['/two-factor/enroll', '901; url=/']);
    door.clock.turn(minutes(15));
    const after = await browser.get('/');
    expect([after.path, leadsAway(after)]).toEqual(['/login', undefined]);
  });
});
