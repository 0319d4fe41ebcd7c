import { Audit } from '../../src/audit/audit.service.js';
import { hours, minutes } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, addOrganization, addPerson, password } from '../support/people.js';

const log = '/organization/audit';

let door: Door;
let acme: Awaited<ReturnType<typeof addAcme>>;
beforeEach(async () => {
  door = await openDoor();
  acme = await addAcme(door);
});
afterEach(() => door.close());

const signIn = async (username = 'olga') => {
  const browser = door.browser();
  await browser.signIn(username, password);
  return browser;
};
const rowsOn = ({ $ }: PageSeen) =>
  $('[data-testid="audit-record"]')
    .toArray()
    .map((element) => $(element).text().replace(/\s+/g, ' ').trim());
const write = async (count: number, details: (index: number) => Record<string, string | number> = (number) => ({ number })) => {
  for (let index = 0; index < count; index += 1) {
    const event = { organizationId: acme.organizationId, kind: 'step-up', actor: { userId: acme.agnes, username: 'agnes' } } as const;
    await door.app.get(Audit).record(door.database, { ...event, address: '192.0.2.1', details: details(index) });
    door.clock.turn(1);
  }
};
const exported = async (browser: Browser, format: string, fields: Record<string, string> = {}) => {
  const token = String((await browser.get(log)).$('input[name="_csrf"]').first().val());
  return browser.send('POST', `${log}/export`, new URLSearchParams({ _csrf: token, format, ...fields }));
};

describe('Organization > Audit log', () => {
  it('shows when, who, what, to whom and from where, the newest first', async () => {
    await door.browser().signIn('agnes', 'not this one');
    door.clock.turn(1);
    const page = await (await signIn()).get(log);
    expect(page.status).toBe(200);
    expect(rowsOn(page)).toEqual([
      expect.stringMatching(/^24 November 2026, 12:00 UTC olga Signed in ?by: password.* – 127\.0\.0\.1$/),
      '24 November 2026, 12:00 UTC Somebody before sign-in Password refused Refused agnes 127.0.0.1',
    ]);
  });

  it('is for owners and administrators, and holds nothing of another organization', async () => {
    const globex = await addOrganization(door, 'Globex');
    await addPerson(door, { organizationId: globex, username: 'gina', role: 'OWNER' });
    await signIn('gina');
    expect((await (await signIn('agnes')).get(log)).status).toBe(403);
    const adam = await signIn('adam');
    expect((await adam.get(log)).text).not.toMatch(/gina/);
    expect(rowsOn(await adam.get(`${log}?person=gina`))).toEqual([]);
    expect((await exported(adam, 'csv')).body).not.toMatch(/gina/);
  });

  it('filters by person, kind and time', async () => {
    await write(2);
    door.clock.turn(hours(24));
    const olga = await signIn();
    const count = async (query: string) => rowsOn(await olga.get(`${log}?${query}`)).length;
    expect(await count('person=AGNES')).toBe(2);
    expect(await count('person=olga')).toBe(1);
    expect(await count('person=nobody')).toBe(0);
    expect(await count('kind=step-up')).toBe(2);
    expect(await count('kind=step-up&person=olga')).toBe(0);
    expect(await count('from=2026-11-25')).toBe(1);
    expect(await count('to=2026-11-24')).toBe(2);
    expect(await count('from=2026-11-24&to=2026-11-25')).toBe(3);
  });

  it.each([
    'kind=x',
    'to=9999-12-31',
    'from=0000-01-01',
    'before=0000-01-01T00:00:00.000Z_00000000-0000-4000-8000-000000000000',
    'from=x&to=2026-13-45',
    'before=x',
    'before=2026-99-99T00:00:00.000Z_x',
    'person=a&person=b',
    'person=%00',
  ])('leaves out what it does not know: %s', async (query) => {
    expect((await (await signIn()).get(`${log}?${query}`)).status).toBe(200);
  });

  it('leafs to older records by where they stand, whatever comes in meanwhile', async () => {
    await write(120);
    const olga = await signIn();
    const seen: string[] = [];
    let address: string | undefined = `${log}?kind=step-up`;
    while (address !== undefined) {
      const page = await olga.get(address);
      seen.push(...rowsOn(page).map((row) => /number: (\d+)/.exec(row)?.[1] ?? row));
      await write(1, () => ({ late: 1 }));
      address = page.$('.pages a:contains("Older")').attr('href');
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, index) => String(119 - index)));
  });

  it('exports what matches as CSV, harmless in a spreadsheet, and puts that on record', async () => {
    await write(1, () => ({ reason: '=cmd()' }));
    await door.database.auditRecord.updateMany({ where: { kind: 'step-up' }, data: { actor: '=HYPERLINK("x")' } });
    const olga = await signIn();
    const answer = await exported(olga, 'csv', { kind: 'step-up' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="audit-2026-11-24.csv"');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const [head, line, ...rest] = answer.body.split('\r\n');
    expect(head).toBe('at,kind,outcome,actor,actorId,subject,subjectId,address,details,id');
    expect(line).toMatch(/^2026-11-24T12:00:\d\d\.000Z,step-up,DONE,"'=HYPERLINK\(""x""\)",/);
    expect(rest).toEqual(['']);
    const record = await door.database.auditRecord.findFirstOrThrow({ where: { kind: 'audit-exported' } });
    expect(record).toMatchObject({ actor: 'olga', details: '{"format":"csv","person":"","kind":"step-up","from":"","to":""}' });
  });

  it('exports more than one batch as JSON Lines, each record once', async () => {
    const rows = Array.from({ length: 2_345 }, (_, index) => index);
    await door.database.$executeRaw`
      INSERT INTO audit_records (id, organization_id, at, kind, outcome, actor, details, mac)
      SELECT gen_random_uuid(), ${acme.organizationId}::uuid, now() - n * interval '1 second', 'step-up', 'DONE', 'gatehouse', '{"n":' || n || '}', ''
      FROM generate_series(0, ${rows.length - 1}::int) AS n`;
    const answer = await exported(await signIn(), 'jsonl', { kind: 'step-up' });
    const lines = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { details: { n: number } });
    expect(lines.map(({ details }) => details.n)).toEqual(rows);
  });

  it('gives a member thirty files a minute at most, of one kind or the other, and puts no more on record', async () => {
    const [olga, adam] = [await signIn(), await signIn('adam')];
    const _csrf = String((await olga.get(log)).$('input[name="_csrf"]').first().val());
    const ask = (from: string) => olga.send('POST', `${from}/export`, new URLSearchParams({ _csrf, format: 'csv' }));
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => ask(index % 2 ? log : '/organization/people')));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([...Array<number>(30).fill(200), ...Array<number>(10).fill(429)]);
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toBe('60');
    expect(await door.database.auditRecord.count({ where: { kind: { endsWith: 'exported' } } })).toBe(30);
    expect((await exported(adam, 'csv')).status).toBe(200);
    door.clock.turn(minutes(1));
    expect((await ask(log)).status).toBe(200);
  });

  it('shows and exports a record that was damaged in the database, and what stands beside it', async () => {
    await write(2);
    await door.database.$executeRaw`UPDATE audit_records SET details = '{"number' WHERE details = '{"number":0}'`;
    const olga = await signIn();
    const rows = rowsOn(await olga.get(`${log}?kind=step-up`));
    expect(rows).toEqual([expect.stringContaining('number: 1'), expect.stringContaining('unreadable: {"number')]);
    expect((await exported(olga, 'jsonl', { kind: 'step-up' })).body).toContain('"details":{"unreadable":"{\\"number"}');
  });

  it.each([log, '/organization/people'])('exports nothing for a filter that is sent twice: %s', async (page) => {
    const olga = await signIn();
    const _csrf = String((await olga.get(page)).$('input[name="_csrf"]').first().val());
    for (const fields of ['person=agnes&person=adam', 'q=agnes&q=adam']) {
      const answer = await olga.send('POST', `${page}/export`, new URLSearchParams(`_csrf=${_csrf}&${fields}`));
      expect([answer.status, answer.headers.get('content-type')]).toEqual([422, expect.stringMatching(/^text\/html/)]);
    }
    expect(await door.database.auditRecord.count({ where: { kind: { endsWith: 'exported' } } })).toBe(0);
  });

  it('exports nothing by a GET, and nothing to agents', async () => {
    const agnes = await signIn('agnes');
    const token = String((await agnes.get('/')).$('input[name="_csrf"]').first().val());
    expect((await agnes.send('POST', `${log}/export`, new URLSearchParams({ _csrf: token }))).status).toBe(403);
    expect((await (await signIn()).send('GET', `${log}/export`)).status).toBe(404);
  });
});
