import { randomUUID } from 'node:crypto';
import { minutes } from '../../src/platform/clock.js';
import { RouteTable } from '../../src/sessions/route-table.js';
import type { PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { enroll, giveNumber, password } from '../support/people.js';
import { changesBetween, type Change, rowsOf } from '../support/rows.js';
import { addCompany, Poster } from '../support/two-organizations.js';

/** Whatever names Globex, as a page of Acme must never do. */
const trace = /globex/i;

/** Somebody who manages Acme knows all names and ids of Globex, and tries them wherever an address or a form takes one. */
describe('an owner or administrator with the ids of another organization', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addCompany>>;
  let globex: Awaited<ReturnType<typeof addCompany>>;
  let managers: readonly Poster[];
  /** Of Globex. */
  let their: { invitation: string; session: string; keptForm: string; report: string; record: string; lostPhone: string };
  let before: Awaited<ReturnType<typeof rowsOf>>;
  let recordsBefore: number;

  beforeAll(async () => {
    door = await openDoor({ environment: { LIMITS: 'relaxed' } });
    [acme, globex] = [await addCompany(door, 'Acme'), await addCompany(door, 'Globex')];
    const [owner, , , , agent] = globex.people;
    const boss = await Poster.signIn(door, owner!.username);
    await boss.post('/organization/people/invite', { emails: 'wanted@globex-new.test', role: 'AGENT' });
    const invited = await boss.post('/organization/people/invite', { emails: owner!.username, role: 'AGENT' });
    door.clock.turn(minutes(11));
    const waiting = await boss.post('/organization/people/invite', { emails: 'later@globex-new.test', role: 'AGENT' });
    await enroll(door, agent!.id);
    await giveNumber(door, agent!.id, '+31612345678');
    const [now, organizationId] = [door.clock.now(), globex.organizationId];
    const asked = { organizationId, userId: agent!.id, openFor: agent!.id, withdrawHash: 'x', note: 'of globex', address: '192.0.2.9' };
    const request = await door.database.lostPhoneRequest.create({ data: { ...asked, askedAt: now, expiresAt: new Date('2030-01-01') } });
    await door.database.smsRefusal.create({ data: { organizationId, month: '2026-11', reason: 'country', count: 4711, lastAt: now } });
    const record = await door.database.auditRecord.findFirstOrThrow({ where: { organizationId } });
    their = {
      invitation: (await door.database.invitation.findFirstOrThrow({ where: { organizationId } })).id,
      session: (await door.database.session.findFirstOrThrow({ where: { user: { organizationId } } })).id,
      keptForm: new URL(waiting.headers.get('location') ?? '', door.base).searchParams.get('form') ?? '',
      report: new URL(invited.headers.get('location') ?? '', door.base).searchParams.get('report') ?? '',
      record: `${record.at.toISOString()}_${record.id}`,
      lostPhone: request.id,
    };
    managers = [await Poster.signIn(door, acme.people[0]!.username), await Poster.signIn(door, acme.people[2]!.username)];
    before = await rowsOf(door.database);
    recordsBefore = await recordsOfGlobex();
  });
  afterAll(() => door.close());

  const recordsOfGlobex = () => door.database.auditRecord.count({ where: { organizationId: globex.organizationId } });
  const isTheirs = ({ row }: Change) => {
    const ids = [globex.organizationId, ...globex.people.map(({ id }) => id)];
    return [row['id'], row['user_id'], row['organization_id']].some((id) => ids.includes(String(id)));
  };
  const textOf = (page: PageSeen, ...given: string[]) =>
    given.flatMap((one) => [one, encodeURIComponent(one)]).reduce((text, one) => text.replaceAll(one, '…'), page.text || page.body);
  const routes = () => door.app.get(RouteTable).routes;
  /** Each letter as an address may also write it. */
  const percent = (name: string) => [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

  afterEach(async () => {
    const changes = changesBetween(before, await rowsOf(door.database));
    expect(changes.filter(isTheirs).map(({ what }) => what)).toEqual([]);
    expect(await recordsOfGlobex()).toBe(recordsBefore);
    expect(Object.values(their).filter((id) => id === '')).toEqual([]);
  });

  it('finds nothing under any address that holds one: like a name that nobody has', async () => {
    const [owner, , admin, , agent] = globex.people.map(({ username }) => username);
    const usernames = [owner, admin, agent].flatMap((name) => [name!, name!.toUpperCase()]);
    const [name, id] = [globex.people[4]!.username, their.invitation];
    const theirs: Readonly<Record<string, readonly (readonly [written: string, nobodys: string])[]>> = {
      ':username': [
        ...usernames.map((username) => [encodeURIComponent(username), 'nobody%40nowhere.test'] as const),
        ...[percent(name), `${encodeURIComponent(name)}%20`, `%20${encodeURIComponent(name)}`, globex.people[4]!.id].map(
          (written) => [written, percent('nobody@nowhere.test')] as const,
        ),
      ],
      ':id': [id, id.toUpperCase(), percent(id), `%7B${id}%7D`, id.replaceAll('-', ''), globex.organizationId, their.lostPhone].map(
        (written) => [written, randomUUID()] as const,
      ),
    };
    const fields = { role: 'ADMIN', reason: 'Ours now', newPasswordOffered: 'yes', sent: '1', approves: 'lost-phone' };
    const withParameter = routes().filter(({ path }) => path.includes(':'));
    const violations = [];
    for (const { method, path } of withParameter) {
      const parameter = /:\w+/.exec(path)?.[0] ?? '';
      // A parameter of a new kind has to be told what it holds.
      if (!theirs[parameter]) violations.push(`${path}: what is ${parameter}?`);
      for (const manager of managers) {
        for (const [written, nobodys] of theirs[parameter] ?? []) {
          const ask = (value: string) => {
            const address = path.replace(parameter, value);
            return method === 'GET' ? manager.browser.get(address) : manager.post(address, fields);
          };
          const [answer, none] = [await ask(written), await ask(nobodys)];
          const isAlike = answer.status === 404 && none.status === 404 && textOf(answer) === textOf(none);
          if (!isAlike || trace.test(answer.body)) violations.push(`${method} ${path} ${written}: ${answer.status} ${none.status}`);
        }
      }
    }
    expect(violations).toEqual([]);
    expect(withParameter.length).toBeGreaterThan(7);
  });

  it('sees nothing of it on any page, whatever the address asks for', async () => {
    const person = globex.people[0]!;
    const query = {
      ...{ q: person.username, person: person.username, username: person.username, user: person.id, id: person.id },
      ...{ organization: globex.organizationId, organizationId: globex.organizationId, slug: 'globex' },
      ...{ form: their.keptForm, session: their.session, report: their.report, before: their.record, invitation: their.invitation },
      ...{ filter: 'all', page: '1', returnTo: `/organization/people?q=${person.username}` },
    };
    const violations = [];
    const pages = routes().filter(({ method, path }) => method === 'GET' && !path.includes(':') && path !== '/outbox');
    for (const manager of managers) {
      for (const { path } of pages) {
        for (const asked of [query, { ...query, q: 'test', person: '' }, { ...query, q: '%', person: '%' }, { q: '' }]) {
          const page = await manager.browser.clone().get(`${path}?${new URLSearchParams(asked).toString()}`);
          const shown =
            textOf(page) +
            page
              .$('main a, main form')
              .map((_, element) => page.$(element).attr('action') ?? '')
              .get()
              .join(' ');
          const leak = [their.lostPhone, their.session, their.invitation, '192.0.2.9', '4711'].find((known) => shown.includes(known));
          if (trace.test(textOf(page, person.username)) || leak) violations.push(`${path} ${asked.q} ${leak ?? ''}`);
        }
      }
      const list = await manager.browser.get('/organization/people?filter=all&q=test');
      if (!list.text.includes('agent.one@acme.test')) violations.push('the own people are not found');
    }
    expect(violations).toEqual([]);
    expect(pages.length).toBeGreaterThan(15);
  });

  it('takes nothing of it away in an export', async () => {
    const violations = [];
    for (const manager of managers) {
      for (const path of routes().flatMap(({ method, path: one }) => (method === 'POST' && one.endsWith('/export') ? [one] : []))) {
        for (const asked of ['', globex.people[0]!.username, globex.people[0]!.id, '%', "' OR 1=1 --"]) {
          const given = { q: asked, person: asked, filter: 'all', organizationId: globex.organizationId, format: 'jsonl' };
          const { status, body } = await manager.post(path, given);
          const lines = body.split('\n').filter((line) => !line.includes('-exported'));
          if (status !== 200 || trace.test(lines.join('\n')) || body.includes(globex.organizationId))
            violations.push(`${path} ${asked} ${status}`);
        }
      }
    }
    expect(violations).toEqual([]);
  });

  it('does nothing with an id or a name of it in a field: as with one that nobody has', async () => {
    const violations = [];
    for (const [index, manager] of managers.entries()) {
      const invited = [globex.people[index]!.username, ['wanted@globex-new.test', 'later@globex-new.test'][index]!];
      const pairs: readonly (readonly [path: string, theirs: Record<string, string>, nobodys: Record<string, string>])[] = [
        ['/profile/sessions/end', { session: their.session }, { session: randomUUID() }],
        ['/profile/sessions/end', { session: their.session.toUpperCase() }, { session: randomUUID().toUpperCase() }],
        ['/profile/sessions/end', { session: `{${their.session}}` }, { session: `{${randomUUID()}}` }],
        ...invited.map((emails) => {
          const nobodys = { emails: `${randomUUID()}@nowhere.test`, role: 'AGENT' };
          return ['/organization/people/invite', { emails, role: 'AGENT' }, nobodys] as const;
        }),
        ['/profile/recovery-codes/kept', { returnTo: `/organization/people/${globex.people[0]!.username}/role` }, { returnTo: '/nowhere' }],
        ['/password/forgot', { username: globex.people[0]!.username }, { username: 'nobody@nowhere.test' }],
      ];
      for (const [path, theirs, nobodys] of pairs) {
        const [answer, none] = [await manager.post(path, theirs), await manager.post(path, nobodys)];
        const where = (page: PageSeen) =>
          `${page.status} ${page.headers.get('location') ?? ''} ${textOf(page, ...Object.values({ ...theirs, ...nobodys }))}`;
        if (where(answer) !== where(none)) violations.push(`${path}: ${where(answer)} is not ${where(none)}`);
      }
    }
    // The last pair sent a link to its owner, as it does for everybody who asks.
    await linksTo(door, globex.people[0]!.username);
    await door.database.resetLink.deleteMany();
    await door.database.auditRecord.deleteMany({ where: { organizationId: globex.organizationId, kind: 'password-link-sent' } });
    expect(violations).toEqual([]);
  });

  it('finishes no form that waits in another session, of another organization or of the same member', async () => {
    const [own, other] = [await Poster.signIn(door, acme.people[0]!.username), await Poster.signIn(door, acme.people[0]!.username)];
    door.clock.turn(minutes(11));
    const waiting = await own.post('/organization/people/invite', { emails: 'waiting@acme-new.test', role: 'AGENT' });
    const ownForm = new URL(waiting.headers.get('location') ?? '', door.base).searchParams.get('form') ?? '';
    for (const form of [their.keptForm, ownForm]) {
      const page = await other.browser.get(`/step-up?form=${form}`);
      expect([page.status, page.text.match(/invite/)]).toEqual([200, null]);
      const proven = await other.post('/step-up', { password, form });
      expect([proven.status, proven.text]).toEqual([422, expect.stringMatching(/Your change was not made/)]);
    }
    const waitingOnes = [{ email: 'waiting@acme-new.test' }, { email: 'later@globex-new.test', organizationId: globex.organizationId }];
    expect(await door.database.invitation.count({ where: { OR: waitingOnes } })).toBe(0);
    expect((await own.post('/step-up', { password, form: ownForm })).headers.get('location')).toContain('/organization/people/invite');
    expect(await door.database.invitation.count({ where: { email: 'waiting@acme-new.test' } })).toBe(1);
  });

  it('ends no session of a colleague, by its id', async () => {
    const colleague = await Poster.signIn(door, acme.people[3]!.username);
    const { id } = await door.database.session.findFirstOrThrow({ where: { userId: acme.people[3]!.id } });
    for (const { username } of [acme.people[0]!, acme.people[2]!, acme.people[4]!]) {
      const poster = await Poster.signIn(door, username);
      expect((await poster.post('/profile/sessions/end', { session: id })).status).toBe(303);
    }
    expect((await colleague.browser.get('/')).signedInAs).toBe(acme.people[3]!.username);
    await colleague.post('/profile/sessions/end', { session: id });
    expect((await colleague.browser.get('/')).path).toBe('/login');
  });

  it('joins nobody to another organization than the link is from, whatever invitation the form names', async () => {
    const [link] = await linksTo(door, 'wanted@globex-new.test');
    const own = await Poster.signIn(door, acme.people[0]!.username);
    await own.post('/organization/people/invite', { emails: 'mine@acme-new.test', role: 'AGENT' });
    const [mine] = await linksTo(door, 'mine@acme-new.test');
    const browser = door.browser();
    const page = await browser.get(mine ?? '/no-link');
    const form = { name: 'Nina', username: 'nina', password: 'seven quiet herons wading' };
    const refused = [];
    for (const invitation of [their.invitation, randomUUID()])
      refused.push(await browser.submit(page, 'username', { ...form, invitation }));
    expect(refused.map(({ status }) => status)).toEqual([refused[0]!.status, refused[0]!.status]);
    expect(refused[0]!.text).toBe(refused[1]!.text);
    expect(await door.database.user.count({ where: { username: 'nina' } })).toBe(0);
    expect((await browser.submit(page, 'username', form)).path).toBe('/login');
    const joined = await door.database.user.findFirstOrThrow({ where: { username: 'nina' } });
    expect([joined.organizationId, joined.role]).toEqual([acme.organizationId, 'AGENT']);
    expect(link).toMatch(/^\/invitation/);
  });
});
