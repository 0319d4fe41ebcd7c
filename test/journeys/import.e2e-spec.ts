import bcrypt from 'bcrypt';
import { Setup } from '../../src/auth/setup.service.js';
import { seconds } from '../../src/platform/clock.js';
import { type Door, openDoor } from '../support/door.js';
import { importLines } from '../support/imports.js';
import { password } from '../support/people.js';

const totpSecret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const bcryptHash = bcrypt.hashSync(password, 4);
const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: false, smsAllowed: false };
const olga = { type: 'user', organization: 'acme', username: 'olga', name: 'Olga', role: 'OWNER', passwordHash: bcryptHash };
const user = (username: string, more: object = {}) => ({ ...olga, username, name: username, role: 'AGENT', ...more });
const counts = (created: number, unchanged = 0, different = 0) => ({ created, unchanged, different });

describe('an import', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const run = (...lines: (object | string)[]) => importLines(door, lines);
  const stored = (username: string) =>
    door.database.user.findUnique({ where: { usernameKey: username }, include: { authenticator: true, organization: true } });

  it('brings organizations and their people', async () => {
    const full = { ...user('adam'), role: 'ADMIN', email: 'adam@acme.test', phoneNumber: '+31612345678', smsEnabled: false };
    const { counts: counted, said } = await run(
      { ...acme, twoFactorRequired: true, smsAllowed: true, smsCountries: ['BE', 'DE'] },
      olga,
      full,
    );
    expect(counted).toEqual({ organizations: counts(1), users: counts(2), bad: 0 });
    expect(said).toEqual([]);
    expect(await stored('olga')).toMatchObject({
      username: 'olga',
      name: 'Olga',
      role: 'OWNER',
      email: null,
      phoneNumber: null,
      smsEnabled: true,
    });
    expect(await stored('adam')).toMatchObject({
      role: 'ADMIN',
      email: 'adam@acme.test',
      phoneNumber: '+31612345678',
      smsEnabled: false,
      authenticator: null,
    });
    expect((await stored('adam'))?.organization).toMatchObject({
      name: 'Acme',
      twoFactorRequired: true,
      smsAllowed: true,
      smsCountries: ['BE', 'DE'],
    });
  });

  it('brings names as they are written, whatever stands in them', async () => {
    const name = `Zoë "Zed" O'Neil, {"a": [1]} \\\\ $1 ''; 🦊`;
    await run(acme, olga, user('zoë', { name }));
    expect(await stored('zoë')).toMatchObject({ username: 'zoë', name });
    expect((await run(acme, olga, user('zoë', { name }))).counts).toEqual({ organizations: counts(0, 1), users: counts(0, 2), bad: 0 });
  });

  it('stands on record in the organizations that it reaches, by the operator', async () => {
    await run(acme, olga, user('adam'));
    await run(acme, olga, user('agnes'));
    const { id } = await door.database.organization.findFirstOrThrow();
    const records = await door.database.auditRecord.findMany({ orderBy: [{ kind: 'desc' }, { details: 'desc' }] });
    expect(records.map(({ organizationId, kind, actor, actorId, details }) => [organizationId, kind, actor, actorId, details])).toEqual([
      [id, 'organization-created', 'operator', null, '{}'],
      [id, 'members-imported', 'operator', null, '{"members":2}'],
      [id, 'members-imported', 'operator', null, '{"members":1}'],
    ]);
  });

  it('sends SMS to the default country where a line does not say, and allows none where two-factor is off', async () => {
    const line = { ...acme, smsAllowed: true };
    await run(line, olga);
    expect((await stored('olga'))?.organization).toMatchObject({ twoFactorRequired: false, smsAllowed: false, smsCountries: ['NL'] });
    expect((await run(line)).counts.organizations).toEqual(counts(0, 1));
  });

  it.each(['$2a$', '$2b$', '$2y$'])('keeps %s hashes working', async (prefix) => {
    await run(acme, { ...olga, passwordHash: bcryptHash.replace('$2b$', prefix) });
    expect((await door.browser().signIn('olga', password)).signedInAs).toBe('olga');
    expect(await stored('olga')).toMatchObject({ passwordScheme: 'HMAC_BCRYPT' });
    expect((await door.browser().signIn('olga', password)).signedInAs).toBe('olga');
  });

  it('takes passwords in clear, whatever the policy says of them, and stores hashes', async () => {
    const { passwordHash: _hash, ...rest } = olga;
    expect((await run(acme, { ...rest, password: 'olga' })).counts.bad).toBe(0);
    expect((await stored('olga'))?.passwordHash).toMatch(/^\$2b\$10\$/);
    expect((await door.browser().signIn('olga', 'olga')).signedInAs).toBe('olga');
  });

  it('keeps TOTP secrets working: sign-in asks for a code and takes it', async () => {
    const secret = 'gezd gnbv gy3t qojq gezd gnbv gy3t qojq';
    await run({ ...acme, twoFactorRequired: true }, { ...olga, totpSecret: secret }, user('short', { totpSecret: 'GEZDGNBVGY3TQOJQ' }));
    expect((await stored('olga'))?.authenticator).toMatchObject({ secret: expect.stringMatching(/^v1\.test\./), lastUsedStep: 0 });
    for (const [username, key] of [
      ['olga', totpSecret],
      ['short', 'GEZDGNBVGY3TQOJQ'],
    ] as const) {
      const browser = door.browser();
      const page = await browser.signIn(username, password);
      expect(page.path).toBe('/two-factor/challenge');
      expect((await browser.submit(page, 'code', { code: door.codeOf(key) })).signedInAs).toBe(username);
    }
  });

  it('leaves what exists untouched, and counts it', async () => {
    const lines = [acme, olga, user('adam', { totpSecret })];
    await run(...lines);
    const before = await Promise.all([stored('olga'), stored('adam')]);
    door.clock.turn(seconds(5));
    const other = bcrypt.hashSync('another password', 4);
    const again = await run(acme, { ...olga, passwordHash: other, username: 'OLGA' }, user('adam', { totpSecret: 'GEZDGNBVGY3TQOJQ' }));
    expect(again).toEqual({ counts: { organizations: counts(0, 1), users: counts(0, 2), bad: 0 }, said: [] });
    expect(await Promise.all([stored('olga'), stored('adam')])).toEqual(before);
  });

  it('names the fields in which a line differs, never their values, and overwrites nothing', async () => {
    await run(acme, { ...acme, slug: 'beta' }, { ...olga, email: 'olga@acme.test' }, user('boss', { organization: 'beta', role: 'OWNER' }));
    const before = await stored('olga');
    const { counts: counted, said } = await run(
      { ...acme, name: 'ACME', twoFactorRequired: true, smsCountries: ['BE'] },
      {
        ...olga,
        organization: 'beta',
        name: 'Mallory',
        email: 'mallory@evil.test',
        role: 'AGENT',
        phoneNumber: '+31699999999',
        smsEnabled: false,
      },
    );
    expect(counted).toEqual({ organizations: counts(0, 0, 1), users: counts(0, 0, 1), bad: 0 });
    expect(said).toEqual([
      'line 1: differs from what is stored in name, twoFactorRequired, smsCountries; nothing was overwritten',
      'line 2: differs from what is stored in organization, name, email, role, phoneNumber, smsEnabled; nothing was overwritten',
    ]);
    expect(await stored('olga')).toEqual(before);
  });

  it('judges a line that comes twice as one that is stored', async () => {
    const { counts: counted, said } = await run(
      acme,
      acme,
      { ...acme, name: 'Other' },
      olga,
      { ...olga, username: 'Olga' },
      { ...olga, name: 'Olga II' },
    );
    expect(counted).toEqual({ organizations: counts(1, 1, 1), users: counts(1, 1, 1), bad: 0 });
    expect(said.map((line) => line.split(':')[0])).toEqual(['line 3', 'line 6']);
    expect(await stored('olga')).toMatchObject({ username: 'olga', name: 'Olga' });
  });

  it('names bad lines by number, and imports the others', async () => {
    const { counts: counted, said } = await run(
      acme,
      'not json',
      '',
      { ...olga, role: 'BOSS', totpSecret: 'short!' },
      'x'.repeat(70_000),
      olga,
    );
    expect(counted).toEqual({ organizations: counts(1), users: counts(1), bad: 3 });
    expect(said).toEqual([
      'line 2: is not a JSON object',
      'line 4: role takes OWNER, ADMIN or AGENT; totpSecret takes a base32 secret of at least 80 bits',
      'line 5: is longer than 64 KB',
    ]);
  });

  it('goes by the order of the file: an organization has to come before its people', async () => {
    const { counts: counted, said } = await run(user('early'), acme, olga, user('lost', { organization: 'nowhere' }));
    expect(counted).toMatchObject({ users: counts(1), bad: 2 });
    expect(said).toEqual([1, 4].map((number) => `line ${number}: organization is not known: its own line has to come first`));
    expect((await run(user('late'))).counts).toMatchObject({ users: counts(1), bad: 0 });
  });

  it('is all or nothing for each line: what the database refuses takes no other line with it', async () => {
    await door.database.$executeRawUnsafe(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`,
    );
    await door.database.$executeRawUnsafe(`CREATE TRIGGER refuse BEFORE INSERT ON authenticators FOR EACH ROW EXECUTE FUNCTION refuse()`);
    const { counts: counted, said } = await run(acme, olga, user('jinx', { totpSecret }), user('adam'), user('jinx')).finally(
      () => door.database.$executeRaw`DROP FUNCTION refuse CASCADE`,
    );
    expect(counted).toEqual({ organizations: counts(1), users: counts(3), bad: 1 });
    expect(said).toEqual([expect.stringMatching(/^line 3: was refused by the database/)]);
    expect(await door.database.user.count()).toBe(3);
  });

  it('ends the setup link when it creates the first organization', async () => {
    const link = (await door.app.get(Setup).createLink()) ?? '';
    const path = link.slice(door.base.length);
    expect((await door.browser().get(path)).status).toBe(200);
    await run('bad line');
    expect((await door.browser().get(path)).status).toBe(200);
    await run(acme, olga);
    expect((await door.browser().get(path)).status).toBe(404);
    expect(await door.database.setupLink.count()).toBe(0);
  });

  it('warns of organizations that it created and that have no owner', async () => {
    expect((await run(acme, { ...acme, slug: 'beta' }, user('boss', { organization: 'beta', role: 'OWNER' }), user('agnes'))).said).toEqual(
      ['warning: without an owner, so that nobody can change the policy: acme'],
    );
    door.clock.turn(1);
    expect((await run(acme, user('adam'))).said).toEqual([]);
  });

  it('goes on over batches, and a second run changes nothing', async () => {
    const people = Array.from({ length: 1200 }, (_, index) => user(`user${index}`, index % 3 === 0 ? { totpSecret } : {}));
    const lines = [acme, olga, ...people];
    expect((await run(...lines)).counts).toEqual({ organizations: counts(1), users: counts(1201), bad: 0 });
    expect(await door.database.authenticator.count()).toBe(400);
    expect((await run(...lines)).counts).toEqual({ organizations: counts(0, 1), users: counts(0, 1201), bad: 0 });
  });

  it('survives another import of the same file at the same time', async () => {
    const lines = [acme, olga, ...Array.from({ length: 300 }, (_, index) => user(`user${index}`))];
    const both = await Promise.all([run(...lines), run(...lines)]);
    expect(both.map(({ counts: { bad } }) => bad)).toEqual([0, 0]);
    expect(both.reduce((sum, { counts: { users } }) => sum + users.created, 0)).toBe(301);
    expect(await door.database.user.count()).toBe(301);
  });
});
