import { AuditChaining } from '../../src/audit/audit-chaining.service.js';
import { AuditChainStore } from '../../src/audit/audit-chain.store.js';
import { AuditVerification } from '../../src/audit/audit-verification.service.js';
import { Audit } from '../../src/audit/audit.service.js';
import { hours } from '../../src/platform/clock.js';
import { type Database, type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import { Browser, type PageSeen } from '../support/browser.js';
import { TurnableClock } from '../support/clock.js';
import { createTestDatabase, dropTestDatabase } from '../support/databases.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, enroll, password } from '../support/people.js';

const configuration = '/organization/configuration';

/** One address, two copies behind it: every request goes to the other copy than the one before. */
class Balanced extends Browser {
  private turn = 0;
  constructor(
    base: string,
    private readonly copies: readonly string[],
  ) {
    super(base);
  }

  override send(method: string, path: string, body?: URLSearchParams) {
    this.turn += 1;
    const copy = this.copies[this.turn % this.copies.length] ?? this.base;
    const { pathname, search } = new URL(path, this.base);
    return super.send(method, `${copy}${pathname}${search}`, body, method === 'GET' ? {} : { origin: this.base });
  }
}

describe('two copies on one PostgreSQL', () => {
  let url: string;
  let opened: OpenedDatabase[];
  let doors: Door[];
  beforeEach(async () => {
    url = await createTestDatabase();
    opened = [openServer(url), openServer(url)];
    const clock = new TurnableClock();
    const open = (database: Database) => openDoor({ database, clock, environment: { PUBLIC_URL: 'http://localhost:9' } });
    doors = await Promise.all(opened.map(({ database }) => open(database)));
  });
  afterEach(async () => {
    await Promise.all(doors.map((door) => door.close()));
    await Promise.all(opened.map((one) => one.close()));
    await dropTestDatabase(url);
  });

  const browser = () =>
    new Balanced(
      'http://localhost:9',
      doors.map(({ base }) => base),
    );

  it('behave as one: sign in on one, go on with the other', async () => {
    const [door] = doors;
    await addAcme(door!);
    const agent = browser();
    const owner = browser();
    expect((await agent.signIn('agnes', password)).signedInAs).toBe('agnes');
    await owner.signIn('olga', password);
    await owner.visitAndSubmit(configuration, 'twoFactorRequired', { twoFactorRequired: 'on' });
    const shown = await agent.get('/');
    expect(shown.path).toBe('/two-factor/enroll');
    expect((await agent.get('/two-factor/enroll')).key).toBe(shown.key);
    const home = await agent.submit(shown, 'code', { code: door!.codeOf(shown.key) });
    expect(home.signedInAs).toBe('agnes');
    expect((await agent.submit(home, '/logout')).path).toBe('/login');
    expect((await agent.get('/')).path).toBe('/login');
  });

  it('take one right code once, and share every limit', async () => {
    const [door] = doors;
    const acme = await addAcme(door!, { twoFactorRequired: true });
    const key = await enroll(door!, acme.agnes);
    const browsers = Array.from({ length: 6 }, browser);
    const pages: PageSeen[] = [];
    for (const one of browsers) pages.push(await one.signIn('agnes', password));
    const answers = await Promise.all(browsers.map((one, index) => one.submit(pages[index]!, 'code', { code: door!.codeOf(key) })));
    expect(answers.filter(({ signedInAs }) => signedInAs === 'agnes')).toHaveLength(1);
    const guesses = await Promise.all(Array.from({ length: 20 }, () => browser().signIn('olga', 'wrong password')));
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(5);
  });

  it('verify the audit of one while the other makes it longer and shorter', async () => {
    const [door, other] = doors;
    const { organizationId } = await addAcme(door!);
    const event = { organizationId, kind: 'sign-out', actor: 'gatehouse', address: undefined } as const;
    const write = () => other!.app.get(Audit).record(other!.database, event);
    for (let count = 0; count < 3; count += 1) await write();
    door!.clock.turn(hours(24 * 366));
    await write();
    const chains = door!.app.get(AuditChainStore);
    const findEnds = chains.findEnds.bind(chains);
    const meanwhile = async () => {
      await write();
      await other!.app.get(AuditChaining).chainAll();
      await other!.app.get(Sweeper).sweepAll();
    };
    const walked = jest.spyOn(chains, 'findEnds').mockImplementation(async (...given) => {
      const ends = await findEnds(...given);
      if (ends?.lastPosition === 4) await meanwhile();
      return ends;
    });
    await door!.app.get(AuditChaining).chainAll();
    walked.mockClear();
    expect((await door!.app.get(AuditVerification).verify()).broken).toBeNull();
    expect(walked).toHaveBeenCalled();
    walked.mockRestore();
    expect(await door!.app.get(AuditVerification).verify()).toMatchObject({ records: 2, broken: null });
  });
});
