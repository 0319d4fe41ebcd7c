import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { ClaimantStore } from '../../src/auth/claimant.store.js';
import { minutes, seconds } from '../../src/platform/clock.js';
import { type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { patience } from '../../src/platform/database-patience.js';
import { migrate } from '../../src/platform/migrations.js';
import { FactorsStore } from '../../src/mfa/factors.store.js';
import { RecoveryCodeStore } from '../../src/mfa/recovery-code.store.js';
import { Passwords } from '../../src/users/passwords.service.js';
import { SessionStore } from '../../src/sessions/session.store.js';
import type { PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { FaultCast } from '../support/fault-cast.js';
import { addOrganization, addPerson, password, signInAs } from '../support/people.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { VonageDouble } from '../support/vonage.js';

let server: PostgresServer;
let operator: OpenedDatabase;
let product: OpenedDatabase;
let vonage: VonageDouble;
let door: Door;
let organizationId: string;
const log: string[] = [];

beforeAll(async () => {
  server = await startPostgres();
  operator = openServer(server.url);
  await run('CREATE ROLE gatehouse LOGIN');
  await run('CREATE DATABASE gatehouse OWNER gatehouse');
  const url = server.url.replace('postgres@', 'gatehouse@').replace(/postgres$/, 'gatehouse');
  product = openServer(url);
  await migrate(product);
  vonage = await VonageDouble.open();
  door = await openDoor({ database: product.database, environment: vonage.environment, readLog: (line) => void log.push(line) });
  organizationId = await addOrganization(door, 'Acme', { twoFactorRequired: true, smsAllowed: true });
});
afterAll(async () => {
  await door.close();
  await vonage.close();
  await product.close();
  await operator.close();
  await server.stop();
});

const run = (sql: string): Promise<unknown> => operator.database.$executeRawUnsafe(sql);
/** Settings of a role hold for new connections alone. */
async function cutConnections(): Promise<void> {
  const cut = await operator.database.$queryRaw<{ pid: number }[]>`
    SELECT pid FROM (SELECT pid, pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'gatehouse') AS cut`;
  expect(cut.length).toBeGreaterThan(0);
}
const inProduct = (sql: string) => product.database.$executeRawUnsafe(sql);
const health = async (which: string) => (await fetch(`${door.base}/health/${which}`)).status;

async function recovered(): Promise<void> {
  for (let looks = 0; (await health('ready')) !== 200; looks += 1) {
    if (looks === 100) throw new Error('not ready again');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

type Fault = {
  readonly name: string;
  /** What only reads is served as ever. */
  readonly reads: boolean;
  readonly ready: number;
  begin(): Promise<unknown>;
  end(): Promise<unknown>;
};

/** Every statement that writes ends as PostgreSQL ends it when its disk fails. */
const failingDisk = (name: string, sqlState: string, message: string): Fault => ({
  name,
  reads: true,
  ready: 200,
  begin: async () => {
    await inProduct(`CREATE FUNCTION fail_write() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${sqlState}', MESSAGE = '${message}'; END $$`);
    await inProduct(`DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
      EXECUTE format('CREATE TRIGGER fail_write BEFORE INSERT OR UPDATE OR DELETE ON %I EXECUTE FUNCTION fail_write()', name); COMMIT;
      END LOOP; END $$`);
  },
  end: () => inProduct('DROP FUNCTION fail_write CASCADE'),
});

const faults: readonly Fault[] = [
  { name: 'is stopped', reads: false, ready: 503, begin: () => server.halt(), end: () => server.resume() },
  {
    name: 'hangs',
    reads: false,
    ready: 503,
    begin: () => Promise.resolve(server.signal('SIGSTOP')),
    end: () => Promise.resolve(server.signal('SIGCONT')),
  },
  {
    name: 'has no connection left',
    reads: false,
    ready: 503,
    begin: async () => {
      await run('ALTER ROLE gatehouse CONNECTION LIMIT 0');
      await cutConnections();
    },
    end: () => run('ALTER ROLE gatehouse CONNECTION LIMIT -1'),
  },
  {
    name: 'only reads',
    reads: true,
    ready: 503,
    begin: async () => {
      await run('ALTER ROLE gatehouse SET default_transaction_read_only = on');
      await cutConnections();
    },
    end: async () => {
      await run('ALTER ROLE gatehouse RESET default_transaction_read_only');
      await cutConnections();
    },
  },
  failingDisk('has a full disk', '53100', 'could not extend file "base/5/16384": No space left on device'),
  failingDisk('has a failing disk', '58030', 'could not write block 7 of relation base/5/16384: Input/output error'),
  // PostgreSQL calls this one "insufficient privilege".
  failingDisk('has a disk that turned read-only', '42501', 'could not open file "base/5/16384": Read-only file system'),
];

/** The product's own page: nobody is let in, nobody is signed out, and it says when to come again. */
function expectRefusal(answer: PageSeen): void {
  expect(answer).toMatchObject({ status: 503 });
  expect(answer.signedInAs ?? 'olga').toMatch(/^olga/);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(answer.headers.get('location')).toBeNull();
  expect(answer.$('h1').text().trim()).toBe('Gatehouse cannot reach its database');
  expect(answer.headers.getSetCookie().filter((cookie) => cookie.startsWith('gatehouse='))).toEqual([]);
}

async function timed<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; millis: number }> {
  const begun = performance.now();
  return { answer: await work(), millis: performance.now() - begun };
}

/** For whoever reads the run: a slow machine is no reason to fail. */
function tell({ name }: Fault, posts: readonly { readonly millis: number }[]): void {
  const longest = Math.max(...posts.map(({ millis }) => millis));
  process.stdout.write(`a PostgreSQL server that ${name}: all were answered within ${Math.round(longest)} ms\n`);
}

describe('while the PostgreSQL server', () => {
  it('does not answer, a request waits for it three seconds at most', () => {
    expect(Math.max(patience.question, patience.beginning)).toBeLessThan(seconds(3));
  });

  it.each(faults)('$name, every post is a 503, nobody is let in, and afterwards all goes on as if nothing had been', async (fault) => {
    const cast = await FaultCast.gather(door, organizationId, fault.name.replace(/\W+/g, '-'));
    const cookies = JSON.stringify([...cast.olga.cookies]);
    const sms = vonage.requests.length;
    await fault.begin();
    const posts = await Promise.all(cast.acts.map(({ post }) => timed(post)));
    const page = await timed(() => cast.olga.send('GET', '/'));
    expect([await health('live'), await health('ready')]).toEqual([200, fault.ready]);
    await fault.end();
    expect(posts.map(({ answer }, index) => `${cast.acts[index]?.name}: ${answer.status}`)).toEqual(
      cast.acts.map(({ name }) => `${name}: 503`),
    );
    for (const { answer } of posts) expectRefusal(answer);
    if (!fault.reads) expectRefusal(page.answer);
    else expect(page.answer.signedInAs).toBe(`olga-${fault.name.replace(/\W+/g, '-')}`);
    expect(vonage.requests).toHaveLength(sms);
    tell(fault, posts);
    await recovered();
    expect(JSON.stringify([...cast.olga.cookies])).toBe(cookies);
    expect((await cast.olga.get('/')).signedInAs).toMatch(/^olga-/);
    await cast.expectNoTryCharged();
    await cast.expectAllDone();
  });
});

describe('a flood of sign-ins, while the PostgreSQL server', () => {
  afterEach(() => jest.restoreAllMocks());

  it('does not answer, is told so by the few that ask: nobody in the line waits for an answer of their own', async () => {
    const visitor = door.browser();
    const { $ } = await visitor.get('/login');
    await addPerson(door, { organizationId, username: 'flooded' });
    const body = { _csrf: String($('input[name="_csrf"]').val()), username: 'flooded', password };
    const asked = jest.spyOn(door.app.get(ClaimantStore), 'findByName');
    server.signal('SIGSTOP');
    const post = () => visitor.clone().send('POST', '/login', new URLSearchParams(body));
    const answers = await Promise.all(Array.from({ length: 100 }, post));
    server.signal('SIGCONT');
    for (const answer of answers) expectRefusal(answer);
    // As many as the gate lets ask at once, once or twice: not each of them waits for so long.
    expect(asked.mock.calls.length).toBeLessThanOrEqual(8);
    await recovered();
    expect((await post()).status).toBe(303);
  });
});

describe('a member who was last seen a while ago, while the PostgreSQL server', () => {
  afterEach(() => jest.restoreAllMocks());

  const signInLongAgo = async (name: string) => {
    const { id } = await door.database.organization.upsert({
      ...{ where: { slug: 'initech' }, update: {} },
      create: { slug: 'initech', name: 'Initech', createdAt: door.clock.now() },
    });
    const userId = await addPerson(door, { organizationId: id, username: name.replace(/\W+/g, '-'), role: 'OWNER' });
    const browser = await signInAs(door, name.replace(/\W+/g, '-'));
    door.clock.turn(minutes(6));
    return { browser, seenAt: async () => (await door.database.session.findFirstOrThrow({ where: { userId } })).lastSeenAt };
  };
  const pages = ['/', '/organization/people', '/profile/sessions'];

  it.each(faults.filter(({ reads }) => reads))('$name, is shown every page that reads, and the log says so once', async (fault) => {
    const { browser, seenAt } = await signInLongAgo(`seen ${fault.name}`);
    log.length = 0;
    await fault.begin();
    const statuses = [];
    for (const path of pages) statuses.push((await browser.get(path)).status);
    await fault.end();
    expect(statuses).toEqual(pages.map(() => 200));
    expect(log.filter((line) => line.includes('the database takes no writes'))).toHaveLength(1);
    await recovered();
    await browser.get('/');
    expect(await seenAt()).toEqual(door.clock.now());
  });

  it('does not answer to the one write, is not kept waiting for a second question', async () => {
    const { browser } = await signInLongAgo('seen hanging');
    jest.spyOn(door.app.get(SessionStore), 'markSeen').mockRejectedValue(new DriverAdapterError({ kind: 'SocketTimeout' }));
    expect((await browser.get('/')).status).toBe(503);
  });
});

const interrupting = faults.filter(({ name }) => ['is stopped', 'hangs'].includes(name));

describe('where the PostgreSQL server, in the middle of a comparison,', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each(interrupting)('$name, it is a 503, nobody is let in, and the try is given back once the server answers', async (fault) => {
    const cast = await FaultCast.gather(door, organizationId, `midway-${fault.name.replace(/\W+/g, '-')}`);
    const acts = ['a right password', 'a right code', 'a recovery code'].map((name) => cast.act(name));
    let waiting = acts.length;
    let isBroken = false;
    /** Each comparison waits until all have begun: then the server breaks, and they go on. */
    const atFault = async () => {
      waiting -= 1;
      if (waiting === 0) isBroken = await fault.begin().then(() => true);
      while (!isBroken) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    hold(door.app.get(FactorsStore), 'find', atFault);
    hold(door.app.get(Passwords), 'check', atFault);
    hold(door.app.get(RecoveryCodeStore), 'claim', atFault);
    const posts = await Promise.all(acts.map(({ post }) => timed(post)));
    expect(waiting).toBe(0);
    await fault.end();
    for (const { answer } of posts) expectRefusal(answer);
    tell(fault, posts);
    await recovered();
    await cast.expectNoTryCharged();
    await cast.expectAllDone();
  });
});

/** The next call of a method waits first. */
function hold<Name extends string>(
  whose: Readonly<Record<Name, (...given: never[]) => Promise<unknown>>>,
  name: Name,
  first: () => Promise<void>,
) {
  const original = whose[name].bind(whose) as (...given: unknown[]) => Promise<unknown>;
  jest.spyOn(whose as never, name as never).mockImplementationOnce((async (...given: unknown[]) => {
    await first();
    return original(...given);
  }) as never);
}
