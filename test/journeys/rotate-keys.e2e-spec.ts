import { join } from 'node:path';
import { TOTP } from 'otpauth';
import { AuditChaining } from '../../src/audit/audit-chaining.service.js';
import { AuditVerification } from '../../src/audit/audit-verification.service.js';
import { MailMessageStore } from '../../src/mail/mail-message.store.js';
import { sealedMail } from '../../src/mail/sealed-mail.store.js';
import { sealedSecrets } from '../../src/mfa/sealed-secrets.store.js';
import { minutes, seconds } from '../../src/platform/clock.js';
import { loadConfig } from '../../src/platform/config.js';
import { type Database, openDatabase } from '../../src/platform/database.js';
import { randomId } from '../../src/platform/randomness.js';
import type { SecretKey } from '../../src/platform/secret-keys.js';
import { sealedInSessions } from '../../src/sessions/sealed-sessions.store.js';
import { Browser, type PageSeen } from '../support/browser.js';
import { TurnableClock } from '../support/clock.js';
import { type CommandLine, openCommandLine, startServer } from '../support/command-line.js';
import { type Door, openDoor, testKey } from '../support/door.js';
import { addAcme, addPerson, enroll, password } from '../support/people.js';
import { mailsTo } from '../support/sent.js';

const nextKey: SecretKey = { id: 'next', bytes: Buffer.alloc(32, 8) };
const written = ({ id, bytes }: SecretKey) => `${id}:${bytes.toString('base64')}`;
const bothKeys = { SECRET_KEYS: `${written(nextKey)},${written(testKey)}` };
const newKeyAlone = { SECRET_KEYS: written(nextKey) };
const preload = ['--import', join(__dirname, '..', 'support', 'signal-at-encryption.mjs')];
const others = 12;
const mailAddress = 'agnes@acme.test';
const isEmbedded = process.env.TEST_DATABASE !== 'postgres';

let commands: CommandLine;
const clock = new TurnableClock();
beforeAll(async () => {
  commands = await openCommandLine();
}, 180_000);
afterAll(() => commands.close());

/** The database between two processes: the embedded one is open to one at a time. */
async function at<Result>(use: (database: Database) => Promise<Result>): Promise<Result> {
  const { database, close } = await openDatabase(loadConfig({ ...commands.settings }));
  return use(database).finally(close);
}
const atDoor = <Result>(keys: readonly SecretKey[], use: (door: Door) => Promise<Result>): Promise<Result> =>
  at(async (database) => {
    const door = await openDoor({ database, clock, keys });
    return use(door).finally(() => door.close());
  });
const rotate = (environment: Record<string, string> = {}, node: readonly string[] = []) =>
  commands.run(['rotate-keys', '--json'], { environment: { ...bothKeys, ...environment }, node });
const resealedBy = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as { resealed: Record<string, number> }).resealed;
const shownOn = ({ $ }: PageSeen) => $('[data-testid="recovery-code"]').text();
const moved = (database: Database) => database.authenticator.count({ where: { secret: { startsWith: 'v1.next.' } } });

/** How often a value under the key with this id stands anywhere in the database. */
async function countUnder(database: Database, keyId: string): Promise<number> {
  const columns = await database.$queryRaw<{ table: string; column: string }[]>`
    SELECT c.table_name AS "table", c.column_name AS "column" FROM information_schema.columns c
    WHERE c.table_schema = 'public' AND c.data_type = 'text'`;
  let count = 0;
  for (const { table, column } of columns) {
    const rows = await database.$queryRawUnsafe<{ n: bigint }[]>(
      `SELECT count(*) AS n FROM "${table}" WHERE "${column}" LIKE 'v1.${keyId}.%'`,
    );
    count += Number(rows[0]?.n);
  }
  return count;
}

/** What was under way under the old key: kept by the browsers of its members. */
type UnderWay = {
  readonly keys: { readonly olga: string; readonly agnes: string; readonly adam: string; readonly bob: string };
  readonly agnes: Browser;
  readonly shownCodes: string;
  readonly adam: Browser;
  readonly stepUp: PageSeen;
  readonly bob: Browser;
  readonly enrolling: PageSeen;
};

/** At another door, which listens on another port. */
const movedTo = ({ base }: Door, browser: Browser): Browser => {
  const there = new Browser(base);
  for (const [name, value] of browser.cookies) there.cookies.set(name, value);
  return there;
};

async function live(door: Door): Promise<UnderWay> {
  const acme = await addAcme(door, { twoFactorRequired: true });
  const { organizationId } = acme;
  await door.database.user.update({ where: { id: acme.agnes }, data: { email: mailAddress } });
  await addPerson(door, { organizationId, username: 'bob' });
  const olga = await enroll(door, acme.olga);
  const adamsKey = await enroll(door, acme.adam);
  for (let count = 0; count < others; count += 1) await enroll(door, await addPerson(door, { organizationId, username: `member${count}` }));

  const adam = door.browser();
  await adam.submit(await adam.signIn('adam', password), 'code', { code: door.codeOf(adamsKey) });
  door.clock.turn(minutes(11));
  const stepUp = await adam.visitAndSubmit('/profile/details', 'name', { phoneNumber: '+31612345678' });
  const agnes = door.browser();
  const shown = await agnes.signIn('agnes', password);
  const landed = await agnes.submit(shown, 'code', { code: door.codeOf(shown.key) });
  const bob = door.browser();
  const enrolling = await bob.signIn('bob', password);
  expect([stepUp.path, shownOn(landed).length > 200, enrolling.path]).toEqual(['/step-up', true, '/two-factor/enroll']);

  const id = randomId();
  const mail = { id, to: mailAddress, subject: 'It waited', text: 'It waited', html: 'It waited' };
  await door.app.get(MailMessageStore).add(door.database, mail);
  await door.database.mailMessage.updateMany({ where: { id }, data: { nextAttemptAt: new Date('2099-01-01') } });
  await door.app.get(AuditChaining).chainAll();
  const keys = { olga, agnes: shown.key, adam: adamsKey, bob: enrolling.key };
  return { keys, agnes, shownCodes: shownOn(landed), adam, stepUp, bob, enrolling };
}

describe('gatehouse rotate-keys', () => {
  let underWay: UnderWay;
  let authenticators: number;
  beforeAll(async () => {
    underWay = await atDoor([testKey], live);
    authenticators = await at((database) => database.authenticator.count());
  });

  it('overwrites no value that is another one by now', async () => {
    await at(async (database) => {
      const columns = [...sealedSecrets(database), ...sealedInSessions(database), ...sealedMail(database)];
      for (const column of columns) {
        const [value] = await column.findAfter('00000000-0000-0000-0000-000000000000', 1);
        expect([column.name, await column.replace({ ...value!, sealed: `${value!.sealed}x` }, 'lost')]).toEqual([column.name, false]);
      }
      expect(columns).toHaveLength(5);
    });
  });

  it('is stopped in the middle, killed in the middle, and goes on each time: everything can be read in between', async () => {
    const stopped = await rotate({ SIGNAL: 'SIGTERM', SIGNAL_AT: '5' }, preload);
    expect([stopped.code, stopped.stderr]).toEqual([1, 'gatehouse: stopped before the end: keep all keys, and run it again to go on\n']);
    expect(await at(moved)).toBe(5);
    const killed = await rotate({ SIGNAL: 'SIGKILL', SIGNAL_AT: '5' }, preload);
    expect(killed.code).toBeNull();
    await atDoor([nextKey, testKey], async (door) => {
      const now = await moved(door.database);
      expect(now).toBeGreaterThan(5);
      expect(now).toBeLessThan(authenticators);
      const olga = door.browser();
      expect((await olga.submit(await olga.signIn('olga', password), 'code', { code: door.codeOf(underWay.keys.olga) })).signedInAs).toBe(
        'olga',
      );
      expect((await door.app.get(AuditVerification).verify()).broken).toBeNull();
    });
  });

  it('says what it did, and that there is nothing left to do', async () => {
    const before = await at(moved);
    const first = await rotate();
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(JSON.parse(first.stdout)).toMatchObject({ key: 'next', unreadable: 0, broken: [], stopped: false });
    const { audit_records, ...resealed } = resealedBy(first);
    expect(resealed).toEqual({
      authenticators: authenticators - before,
      pending_authenticators: 1,
      'sessions.kept_form': 1,
      'sessions.shown_codes': 1,
      mail_messages: 1,
      audit_chains: 1,
    });
    expect(audit_records).toBeGreaterThan(3);
    expect(await at(async (database) => [await countUnder(database, 'test'), await countUnder(database, 'next')])).toEqual([
      0,
      authenticators + 4,
    ]);
    const { code, stdout } = await commands.run(['rotate-keys'], { environment: bothKeys });
    const counts = [...Object.keys(resealed), 'audit_records'].map((name) => `${name}: 0 under next now`).sort();
    const lines = stdout.trim().split('\n');
    expect([code, lines.slice(0, -1).sort()]).toEqual([0, counts]);
    expect(lines.at(-1)).toMatch(/^all is under the first key: .*take these out of SECRET_KEYS: test$/);
  });

  it('leaves a server with the new key alone everything to go on with', async () => {
    await atDoor([nextKey], async (door) => {
      const { keys, adam, stepUp, agnes, shownCodes, bob, enrolling } = underWay;
      const agnesThere = movedTo(door, agnes);
      expect(shownOn(await agnesThere.get('/profile/recovery-codes'))).toBe(shownCodes);
      const enrollment = await movedTo(door, bob).get('/two-factor/enroll');
      expect([enrollment.key, enrolling.key]).toEqual([keys.bob, keys.bob]);
      expect((await movedTo(door, bob).submit(enrollment, 'code', { code: door.codeOf(keys.bob) })).signedInAs).toBe('bob');
      const adamThere = movedTo(door, adam);
      const step = await adamThere.get(`${stepUp.path}${stepUp.search}`);
      await adamThere.submit(step, 'code', { code: door.codeOf(keys.adam) });
      expect(await door.database.user.findUnique({ where: { usernameKey: 'adam' } })).toMatchObject({ phoneNumber: '+31612345678' });
      door.clock.turn(seconds(60));
      for (const username of ['olga', 'agnes'] as const) {
        const browser = door.browser();
        const page = await browser.signIn(username, password);
        expect((await browser.submit(page, 'code', { code: door.codeOf(keys[username]) })).signedInAs).toBe(username);
      }
      await door.database.mailMessage.updateMany({ data: { nextAttemptAt: door.clock.now() } });
      expect((await mailsTo(door, mailAddress)).map(({ subject }) => subject)).toContain('It waited');
      expect((await door.app.get(AuditVerification).verify()).broken).toBeNull();
    });
  });

  it('runs beside servers on PostgreSQL, and is refused beside the one on the embedded database', async () => {
    const environment = { ...bothKeys, SECRET_KEYS: `${written(testKey)},${written(nextKey)}` };
    const server = await startServer({ settings: { ...commands.settings, ...environment } }, /open at/);
    try {
      const rotation = commands.run(['rotate-keys', '--json'], { environment });
      const member = new Browser(server.base);
      const answer = async (page: PageSeen) => member.submit(page, 'code', { code: new TOTP({ secret: underWay.keys.olga }).generate() });
      expect((await answer(await member.signIn('olga', password))).signedInAs).toBe('olga');
      const { code, stdout, stderr } = await rotation;
      if (isEmbedded) expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatehouse: DATA_DIR .* is in use by process \d+.*\n$/)]);
      else
        expect([code, stderr, JSON.parse(stdout)]).toMatchObject([
          0,
          '',
          { key: 'test', resealed: { authenticators: authenticators + 1 } },
        ]);
    } finally {
      await server.stop('SIGTERM');
    }
    if (isEmbedded) await commands.run(['rotate-keys'], { environment });
    expect(await at((database) => countUnder(database, 'next'))).toBe(0);
  });

  it('names what it cannot read and what does not hold, leaves it as it is, and does the rest', async () => {
    const [userId, other] = await at(async (database) => {
      const [one, two] = await database.authenticator.findMany({ take: 2, orderBy: { userId: 'asc' } });
      await database.authenticator.update({ where: { userId: one!.userId }, data: { secret: two!.secret } });
      await database.auditRecord.updateMany({ where: { position: 3 }, data: { actor: 'somebody' } });
      return [one!.userId, two!.secret];
    });
    const { code, stdout, stderr } = await rotate();
    expect(code).toBe(1);
    expect(stderr.split('\n')).toEqual([
      `authenticators, row ${userId}: the stored secret was changed or belongs to another row`,
      'the audit of acme is broken at record 3: the record was changed',
      'gatehouse: not all could be brought under the first key: keep the others (values that cannot be read: 1; chains that do not hold: 1)',
      '',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      unreadable: 1,
      broken: [{ organization: 'acme', position: 3 }],
      resealed: { authenticators },
    });
    const left = await at((database) => database.authenticator.findUnique({ where: { userId: userId } }));
    expect(left?.secret).toBe(other);
  });
});

describe('a start with keys that are not those of the database', () => {
  it('is refused in one line that names the missing one', async () => {
    await at((database) => database.authenticator.updateMany({ data: { secret: 'v1.gone.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA' } }));
    const { code, stderr } = await commands.run(['start'], { environment: newKeyAlone });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatehouse: SECRET_KEYS .* takes the keys .* and lacks gone\n$/)]);
  });
});
