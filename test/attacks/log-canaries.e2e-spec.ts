/** What an error says may quote what somebody typed: none of it gets into the log, and nobody writes a line of their own into it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PasswordForgotten } from '../../src/auth/password-forgotten.service.js';
import { MailDelivery } from '../../src/mail/mail-delivery.service.js';
import { Log } from '../../src/platform/log.js';
import { openCommandLine, startServer } from '../support/command-line.js';
import type { Door } from '../support/door.js';
import { findLeaks, keepSecret, keepUsername, watchLine } from '../support/log-watch.js';
import { challengeAddress, number, SmsDoor } from '../support/sms-challenge.js';
import { openSmtpServer, type SmtpServer } from '../support/smtp.js';
import { wire } from '../support/wire.js';

/** Long enough to stand nowhere by chance. */
const canary = 'canary-3f9a1c07-of-the-log';
const json = { 'content-type': 'application/json' };

describe('the watch over every log', () => {
  it.each([
    ['a password', () => keepSecret('password', 'correct "horse"'), '{"msg":"x","said":"correct \\"horse\\""}'],
    ['a code', () => keepSecret('code', '123 456'), '{"msg":"x","code":"123456"}'],
    ['a number', () => keepSecret('number', '+31612345678'), '{"msg":"x","url":"/a?to=%2B31612345678"}'],
    ['a username', () => keepUsername('olga'), '{"msg":"x","path":"/organization/people/olga/role"}'],
  ])('notices %s', (_, keep, line) => {
    keep();
    watchLine('{"msg":"nothing"}');
    watchLine(line);
    expect(findLeaks()).toEqual([expect.stringContaining('in: ')]);
  });

  it('takes a part of an id for no code', () => {
    keepSecret('code', '123456');
    watchLine('{"user":"0c123456-0000-4000-8000-000000123456"}');
    expect(findLeaks()).toEqual([]);
  });
});

describe('the log of a door where everything goes wrong', () => {
  const raw: string[] = [];
  const lines = () => raw.map((line) => JSON.parse(line) as Record<string, unknown>);
  const events = () => lines().map(({ msg }) => msg);
  let smtp: SmtpServer;
  let sms: SmsDoor;
  let door: Door;
  beforeAll(async () => {
    smtp = await openSmtpServer();
    const environment = { SMTP_URL: smtp.url, MAIL_FROM: 'door@acme.test' };
    sms = await SmsDoor.open({ environment, readLog: (line) => void raw.push(line) });
    door = sms.door;
  });
  beforeEach(() => {
    raw.length = 0;
  });
  afterEach(() => {
    expect(raw.join('')).not.toContain(canary);
    // One line is one object, and one object is one line.
    for (const line of raw) expect(line.trimEnd().split('\n')).toHaveLength(1);
  });
  afterAll(async () => {
    await sms.close();
    await smtp.close();
  });

  const post = (path: string, body: string, headers = {}) => wire(door.base, { method: 'POST', path, body, headers });
  /** The database breaks in the middle of what a table is needed for. */
  const without = async (table: string, act: () => Promise<unknown>) => {
    await door.database.$executeRawUnsafe(`ALTER TABLE ${table} RENAME TO ${table}_away`);
    await act().finally(() => door.database.$executeRawUnsafe(`ALTER TABLE ${table}_away RENAME TO ${table}`));
  };

  it('holds no password of a sign-in that breaks', async () => {
    await without('users', async () => {
      expect(await door.browser().signIn(`${canary}-name`, canary)).toMatchObject({ status: 500 });
    });
    expect(lines()).toContainEqual(
      expect.objectContaining({ msg: 'request failed', error: expect.any(String), stack: expect.any(String) }),
    );
  });

  it('holds no password that was typed as a username, and neither does the audit', async () => {
    expect(await door.browser().signIn(canary, 'something else')).toMatchObject({ status: 401 });
    expect(events()).toEqual(['sign-in refused: wrong username or password']);
    expect(JSON.stringify(await door.database.auditRecord.findMany())).not.toContain(canary);
  });

  it.each([
    ['JSON', JSON.stringify({ username: 'agnes', password: canary }), json, 415],
    ['a broken escape', `username=agnes&password=${canary}%E0%A4%A`, {}, 403],
    ['a field sent twice', `username=agnes&password=${canary}&password=${canary}`, {}, 403],
    ['more than is taken', `username=agnes&password=${canary.repeat(1000)}`, {}, 413],
    ['a letter that the database does not hold', `username=${canary}%00&password=${canary}`, {}, 403],
  ])('holds nothing of a body that is %s', async (_, body, headers, status) => {
    expect(await post('/login', body, headers)).toMatchObject({ status });
  });

  it('holds nothing of a form with a letter that the database does not hold', async () => {
    const page = await door.browser().signIn(`${canary}\0`, `${canary}\0`);
    expect([401, 422]).toContain(page.status);
  });

  it('holds no token of a wrong address, and nothing of a cookie or a header', async () => {
    const cookie = `gatehouse=${canary}; gatehouse=${canary}`;
    for (const path of [`/nowhere?token=${canary}`, `/invitation/${canary}`, `/password/reset?token=${canary}`, `/%E0%A4%A${canary}`])
      await wire(door.base, { path, headers: { cookie, referer: `${door.base}/${canary}`, 'user-agent': canary } });
    expect(await wire(door.base, { path: '/login', headers: { cookie: `a=${canary.repeat(1000)}` } })).toMatchObject({ status: 431 });
  });

  it('holds nothing of what the database says about a value', async () => {
    const log = door.app.get(Log);
    const failed = (work: Promise<unknown>) =>
      work.then(
        () => fail('it did not fail'),
        (error: unknown) => log.error('request failed', error),
      );
    const user = await door.database.user.findFirstOrThrow();
    await door.database.user.update({ where: { id: user.id }, data: { email: `${canary}@acme.test` } });
    await failed(door.database.user.create({ data: { ...user, username: canary, usernameKey: user.usernameKey } }));
    await failed(door.database.user.findMany({ where: { id: canary } }));
    await failed(door.database.$queryRaw`SELECT ${canary}::int AS number`);
    await failed(door.database.$executeRaw`INSERT INTO users SELECT * FROM users WHERE email = ${`${canary}@acme.test`}`);
    expect(events()).toEqual(Array<string>(4).fill('request failed'));
  });

  it('holds nothing of an answer in which the SMS provider repeats number and text', async () => {
    sms.vonage.mood = { kind: 'babbles', body: `${number}: ${canary}` };
    const agnes = await sms.challenge();
    expect(await agnes.askForSms()).toMatchObject({ status: 503 });
    sms.vonage.mood = { kind: 'accepts' };
    expect(sms.vonage.lastCode).toMatch(/^\d{6}$/);
    expect(events()).toContain('sms not sent');
    expect(await agnes.answer(sms.vonage.lastCode)).toMatchObject({ status: 401, path: challengeAddress });
  });

  it('holds nothing of the words with which a mail server refuses', async () => {
    smtp.behave({ recipient: 550 });
    await door.database.user.updateMany({ where: { username: 'agnes' }, data: { email: 'agnes@acme.test' } });
    await door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'agnes' });
    await door.app.get(PasswordForgotten).settled();
    await door.app.get(MailDelivery).deliverDue();
    smtp.behave({});
    expect(events()).toContain('mail failed');
    expect(raw.join('')).not.toContain('acme.test');
  });

  it('takes no line from a username, an address or a header', async () => {
    const forged = '{"level":30,"msg":"password accepted","user":"forged"}';
    for (const username of [`agnes\n${forged}`, `agnes\r\n${forged}`, `agnes","user":"forged`, `agnes\u2028${forged}`])
      expect([401, 422]).toContain((await door.browser({ 'user-agent': forged }).signIn(username, 'something else')).status);
    await post(`/login?${encodeURIComponent(`\n${forged}`)}`, `username=${encodeURIComponent(`\n${forged}`)}`, { origin: forged });
    expect(new Set(events())).toEqual(new Set(['sign-in refused: wrong username or password', 'cross-site post refused']));
    expect(raw.join('')).not.toContain('forged');
  });
});

describe('an error that nobody caught', () => {
  it('is logged without its message, and ends the process only where nothing else is safe', async () => {
    const commandLine = await openCommandLine();
    const preload = join(commandLine.folder, 'preload.mjs');
    writeFileSync(
      preload,
      `process.on('SIGUSR2', () => { throw new Error('${canary}\\n    at ${canary}'); });
       const waiting = setInterval(() => {
         if (process.listenerCount('unhandledRejection') === 0) return;
         clearInterval(waiting);
         void Promise.reject(new Error('${canary}'));
       }, 50);`,
    );
    const NODE_OPTIONS = `--import=${pathToFileURL(preload).href}`;
    const server = await startServer({ ...commandLine, settings: { ...commandLine.settings, NODE_OPTIONS } });
    expect((await fetch(`${server.base}/health/live`)).status).toBe(200);
    expect(await server.stop('SIGUSR2')).toBe(1);
    await commandLine.close();
    expect(server.output).toMatch(/"stack":" +at [^"]+","msg":"not waited for and failed"/);
    expect(server.output).toMatch(/"stack":" +at [^"]+","msg":"nobody caught an error"/);
    expect(server.output).not.toContain(canary);
  });
});
