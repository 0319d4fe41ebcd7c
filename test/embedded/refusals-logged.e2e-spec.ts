import { after, minutes } from '../../src/platform/clock.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addOrganization, addPerson, enroll, password, signInAs } from '../support/people.js';

describe('what was refused', () => {
  const log: string[] = [];
  const security = () =>
    log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['security'] === true)
      .map(({ msg, because, path, status, atMost }) => ({ msg, because, path, status, atMost }));
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeEach(async () => {
    door = await openDoor({ readLog: (line) => void log.push(line) });
    acme = await addAcme(door);
    log.length = 0;
  });
  afterEach(() => door.close());
  const form = (fields: Record<string, string>) => new URLSearchParams(fields);

  it('stands in the log when it was another organization’s member, an owner, or nothing for that role', async () => {
    await addPerson(door, { organizationId: await addOrganization(door, 'umbrella'), username: 'eve' });
    for (const [username, member] of [
      ['adam', 'eve'],
      ['adam', 'olga'],
      ['agnes', 'olga'],
    ] as const) {
      const browser = door.browser();
      const page = await browser.signIn(username, password);
      const _csrf = String(page.$('input[name="_csrf"]').val());
      await browser.send('POST', `/organization/people/${member}/deactivate`, form({ _csrf }));
    }
    expect(security()).toEqual([
      { msg: 'act on a member refused', because: 'not-found' },
      { msg: 'act on a member refused', because: 'not-allowed' },
      { msg: 'role refused', path: '/organization/people/:username/deactivate' },
    ]);
    expect(log.join('')).not.toMatch(/olga|"eve"|\/eve/);
  });

  it('stands in the log when the post was malformed, too large, or from elsewhere', async () => {
    const browser = door.browser();
    const page = await browser.get('/login');
    const _csrf = String(page.$('input[name="_csrf"]').val());
    await browser.send('POST', '/login', form({ _csrf, username: 'x'.repeat(20_000) }));
    await browser.send('POST', '/login', form({ _csrf }), { 'content-encoding': 'gzip' });
    await browser.send('POST', '/login', form({ _csrf }), { origin: 'https://evil.test' });
    expect(security()).toEqual([
      { msg: 'malformed request refused', status: 413 },
      { msg: 'malformed request refused', status: 415 },
      { msg: 'cross-site post refused', path: '/login' },
    ]);
  });

  it('stands in the log when it was asked for too often', async () => {
    const browser = door.browser();
    for (let turn = 0; turn < 6; turn += 1) await browser.submit(await browser.get('/password/forgot'), 'username', { username: 'nobody' });
    expect(security()).toEqual([{ msg: 'asked for too often', atMost: 5 }]);
  });

  it('does not stand in the log when it is let through by the hour, after the day was used up', async () => {
    const browser = door.browser();
    for (let turn = 0; turn < 11; turn += 1) {
      if (turn % 5 === 0) door.clock.turn(minutes(1));
      await browser.submit(await browser.get('/password/forgot'), 'username', { username: 'nobody at all' });
    }
    expect(security()).toEqual([]);
  });

  it('stands in the log when codes wait, or are closed', async () => {
    await door.database.organization.updateMany({ data: { twoFactorRequired: true } });
    const key = await enroll(door, acme.agnes);
    const now = door.clock.now();
    const standings = [
      { waitingUntil: after(now, minutes(15)), closedAt: null },
      { waitingUntil: null, closedAt: now },
    ];
    await door.database.codeTries.create({ data: { userId: acme.agnes, failedInRow: 10 } });
    const browser = await signInAs(door, 'agnes');
    for (const standing of standings) {
      await door.database.codeTries.updateMany({ data: standing });
      await browser.submit(await browser.get('/two-factor/challenge'), 'code', { code: door.codeOf(key) });
    }
    expect(security()).toEqual([
      { msg: 'code refused', because: 'waiting' },
      { msg: 'code refused', because: 'closed' },
    ]);
  });
});
