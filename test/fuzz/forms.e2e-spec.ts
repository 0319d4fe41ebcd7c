/** Whatever is posted to whichever form, from whichever stage: an answer that a person can read, and nothing that was not promised. */
import { load } from 'cheerio';
import fc from 'fast-check';
import { Setup } from '../../src/auth/setup.service.js';
import { after, minutes } from '../../src/platform/clock.js';
import { RouteTable } from '../../src/sessions/route-table.js';
import { hashOfToken } from '../../src/sessions/session-token.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { VonageDouble } from '../support/vonage.js';
import { bodiesOf, markup, secret } from './bodies.js';
import { chance, patience } from './chance.js';

const code = '123456';
const uuid = '018f3c1e-0000-7000-8000-000000000000';
/** Every form with something that each of its fields takes; never what opens a door. */
const forms: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/setup': { organizationName: 'Acme', name: 'Olga', username: 'o', email: 'o@acme.test', password: 'seven quiet herons wading' },
  '/login': { username: 'target', password: 'not the password at all' },
  '/login/link': { username: 'target' },
  '/login/link/browser': {},
  '/logout': {},
  '/step-up': { code, password: 'not the password at all', returnTo: '/profile/details', form: 'a-form' },
  '/password/forgot': { username: 'target' },
  '/password/reset': { password: 'seven quiet herons wading' },
  '/invitation': { invitation: uuid, name: 'Nina', username: 'nina', password: 'seven quiet herons wading' },
  '/two-factor/enroll': { code },
  '/two-factor/challenge': { code },
  '/two-factor/challenge/sms': {},
  '/two-factor/recovery': { recoveryCode: 'AAAAA-BBBBB-CCCCCC-DDDDD-EEEEE' },
  '/two-factor/lost-phone': { note: 'It fell into the canal.' },
  '/two-factor/lost-phone/withdraw': {},
  '/profile/details': { name: 'Agnes', email: 'agnes@acme.test', phoneNumber: '06 12345678' },
  '/profile/security': { smsEnabled: 'on' },
  '/profile/password': { currentPassword: 'not the password at all', password: 'nine loud ravens dancing' },
  '/profile/authenticator': { code },
  '/profile/two-factor/choose': { code },
  '/profile/two-factor/leave': { code },
  '/profile/recovery-codes': {},
  '/profile/recovery-codes/kept': { returnTo: '/profile/details' },
  '/profile/number-test': { code },
  '/profile/number-test/sms': {},
  '/profile/sessions/end': { session: uuid },
  '/profile/sessions/end-others': {},
  '/organization/configuration': {
    twoFactorRequired: 'on',
    smsAllowed: 'on',
    twoFactorFrom: '2026-12-24',
    reason: 'A reason',
    smsCountries: 'yes',
    'smsCountries.NL': 'on',
    smsMonthlyBudget: '100',
  },
  '/organization/people/:username/role': { role: 'AGENT' },
  '/organization/people/:username/deactivate': {},
  '/organization/people/:username/reactivate': {},
  '/organization/people/:username/unlock': {},
  '/organization/people/:username/reset-two-factor': { reason: 'A reason', newPassword: 'on', newPasswordOffered: 'yes' },
  '/organization/people/:username/refuse-lost-phone': {},
  '/organization/people/export': { q: 'a', filter: 'all', sort: 'name', page: '1' },
  '/organization/people/invite': { emails: 'a@acme.test, b@acme.test', role: 'AGENT' },
  '/organization/people/invitations/:id/resend': { sent: '1' },
  '/organization/people/invitations/:id/withdraw': {},
  '/organization/audit/export': { person: 'target', kind: 'sign-in', from: '2026-01-01', to: '2026-12-31', format: 'csv' },
};
/** Not a form: it takes JSON of another machine. */
const receipts = '/sms/receipts';

const stages = ['visitor', 'enrollment', 'challenge', 'agent', 'owner'] as const;
type StageName = (typeof stages)[number];
const places = [
  'target',
  'target',
  'target',
  'nobody',
  uuid,
  '%00',
  '%FF',
  '..%2F..',
  '__proto__',
  'x'.repeat(300),
  encodeURIComponent(`"><b data-${markup}>`),
];

/** Where a form is open; from elsewhere its post is led away before it is read. */
function stagesOf(path: string): readonly StageName[] {
  if (path.startsWith('/organization')) return ['owner'];
  if (path.startsWith('/profile') || path === '/step-up') return ['agent', 'owner'];
  if (path === '/two-factor/enroll') return ['enrollment'];
  if (path.startsWith('/two-factor/')) return ['challenge'];
  return path === '/login' ? ['visitor'] : stages;
}

const posts = fc.constantFrom(...Object.keys(forms)).chain((path) =>
  fc.record({
    path: fc.constant(path),
    place: fc.constantFrom(...places),
    stage: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...stagesOf(path)) }, { weight: 1, arbitrary: fc.constantFrom(...stages) }),
    body: bodiesOf(forms[path] ?? {}),
  }),
);

/** Words that only somebody who looks inside knows. */
const insides = /node_modules|[Pp]risma|[Pp]ostgres|SQLSTATE|TypeError|ZodError|\.[jt]s:\d+|\[object |Cannot read|\bNaN\b|\bundefined\b/;

class Forms {
  private readonly browsers = new Map<StageName, Browser>();
  private readonly tokens = new Map<StageName, string>();
  private invitation = '';

  constructor(
    readonly door: Door,
    private readonly organizations: Readonly<Record<StageName, string>>,
    private readonly targetId: string,
  ) {}

  static async open(door: Door): Promise<Forms> {
    const ids: Partial<Record<StageName, string>> = {};
    for (const stage of stages) {
      const id = await addOrganization(door, `House of ${stage}`);
      const userId = await addPerson(door, { organizationId: id, username: stage, role: stage === 'owner' ? 'OWNER' : 'AGENT' });
      await giveNumber(door, userId, '+31612345678');
      if (stage === 'challenge') await enroll(door, userId);
      ids[stage] = id;
    }
    const organizations = ids as Record<StageName, string>;
    const targetId = await addPerson(door, { organizationId: organizations.owner, username: 'target' });
    return new Forms(door, organizations, targetId);
  }

  /** As it was before any post: policies, passwords, counters. Then a browser in this stage. */
  async stand(stage: StageName): Promise<Browser> {
    const { database } = this.door;
    await database.passwordTries.deleteMany();
    await database.codeTries.deleteMany();
    await database.recoveryTries.deleteMany();
    await database.rateCount.deleteMany();
    await database.smsMessage.deleteMany();
    const isAsked = stage === 'enrollment' || stage === 'challenge';
    const data = { twoFactorRequired: isAsked, smsAllowed: isAsked, twoFactorFrom: null };
    await database.organization.update({ where: { id: this.organizations[stage] }, data });
    const known = this.browsers.get(stage);
    if (known && (await this.stageOf(known, stage)) === stage) return known;
    const browser = this.door.browser();
    const page = stage === 'visitor' ? await browser.get('/login') : await browser.signIn(stage, password);
    this.browsers.set(stage, browser);
    this.tokens.set(stage, String(page.$('input[name="_csrf"]').first().val()));
    return browser;
  }

  tokenOf(stage: StageName): string {
    return this.tokens.get(stage) ?? '';
  }

  /** Where a browser stands now, named by the one that it should be; anything else is an alarm. */
  async stageOf(browser: Browser, expected: StageName): Promise<string> {
    const page = await browser.send('GET', '/');
    const to = page.headers.get('location')?.split('?')[0];
    if (to === '/login') return expected === 'visitor' ? 'visitor' : 'nobody';
    if (to === '/two-factor/enroll') return 'enrollment';
    if (to === '/two-factor/challenge') return 'challenge';
    return page.signedInAs ?? `${page.status} ${to}`;
  }

  /** Links that are open, as mails bring them. */
  async linkFor(path: string): Promise<string> {
    if (path === '/password/reset') return `?token=${await this.resetToken()}`;
    if (path === '/invitation') return await this.invitationQuery();
    return '';
  }

  private async resetToken(): Promise<string> {
    const token = 'a'.repeat(43);
    const { database, clock } = this.door;
    const userId = this.targetId;
    const email = 'target@house.test';
    await database.user.update({ where: { id: userId }, data: { email, deactivatedAt: null } });
    const now = clock.now();
    const link = { tokenHash: hashOfToken(token), sentTo: email, createdAt: now, expiresAt: after(now, minutes(30)), usedAt: null };
    await database.resetLink.upsert({ where: { userId }, create: { userId, ...link }, update: link });
    return token;
  }

  private async invitationQuery(): Promise<string> {
    const open = await this.door.database.invitation.count({ where: { acceptedAt: null, withdrawnAt: null, email: 'new@house.test' } });
    if (open === 0) {
      const owner = await this.stand('owner');
      await owner.visitAndSubmit('/organization/people/invite', 'emails', { emails: 'new@house.test', role: 'AGENT' });
      const [link] = await linksTo(this.door, 'new@house.test');
      this.invitation = link?.slice('/invitation'.length) ?? '';
    }
    return this.invitation;
  }
}

/** A browser reads what cannot be printed as a replacement character, wherever it stands: nothing is opened or closed by it. */
const harmless = ['unexpected-null-character', 'control-character-in-input-stream', 'noncharacter-in-input-stream'];

function asTyped(body: string): string {
  return [...new URLSearchParams(body).values()].join(' ');
}

function judge(page: PageSeen, body: string, base: string): void {
  expect([200, 204, 303, 400, 401, 403, 404, 413, 415, 422, 429]).toContain(page.status);
  expect(page.body).not.toContain(secret);
  const location = page.headers.get('location');
  if (location !== null) {
    expect(location).toMatch(/^\/(?![/\\])/);
    expect(new URL(location, base).origin).toBe(base);
    expect(location).not.toContain(secret);
  }
  if (!page.headers.get('content-type')?.startsWith('text/html') || page.body === '') return;
  const faults: string[] = [];
  const $ = load(page.body, { onParseError: ({ code: fault }: { code: string }) => void faults.push(fault) });
  expect(faults.filter((fault) => !harmless.includes(fault))).toEqual([]);
  expect($(`[data-${markup}], [onerror], script:not([src]), iframe, object, base`)).toHaveLength(0);
  for (const meta of $('meta[http-equiv]').toArray()) expect($(meta).attr('content')).toMatch(/^\d+; url=\/$/);
  expect($('script')).toHaveLength(1);
  expect($('h1')).toHaveLength(1);
  for (const form of $('form').toArray()) expect($(form).attr('action') ?? '/').toMatch(/^\/(?![/\\])/);
  for (const link of $('a[href]').toArray()) expect($(link).attr('href')).not.toMatch(/^\s*(javascript|data):/i);
  if (page.status === 422) expect($('[role="alert"]').text().trim()).not.toBe('');
  if (!insides.test(asTyped(body))) expect($.text()).not.toMatch(insides);
}

describe('any body, posted to any form', () => {
  let door: Door;
  let vonage: VonageDouble;
  let all: Forms;
  beforeAll(async () => {
    vonage = await VonageDouble.open();
    door = await openDoor({ environment: vonage.environment });
    all = await Forms.open(door);
  });
  afterAll(async () => {
    await door.close();
    await vonage.close();
  });

  it('is known here for every route that takes one', () => {
    const taken = door.app.get(RouteTable).routes.flatMap(({ method, path }) => (method === 'POST' && path !== receipts ? [path] : []));
    expect(Object.keys(forms).sort()).toEqual(taken.sort());
  });

  it(
    'is answered with a page, shows nothing of the inside, and leaves the session where it was',
    async () => {
      const run = fc.asyncProperty(posts, async ({ path, place, stage, body }) => {
        const query = await all.linkFor(path);
        const browser = await all.stand(stage);
        const address = path.replace(/:\w+/, place) + query;
        const page = await post(browser, address, `_csrf=${all.tokenOf(stage)}&${body}`);
        judge(page, body, door.base);
        const isOut = (path === '/logout' && page.status === 303) || page.headers.get('location')?.startsWith('/login') === true;
        expect([stage, ...(isOut ? ['nobody'] : []), ...(path === '/organization/configuration' ? ['enrollment'] : [])]).toContain(
          await all.stageOf(browser, stage),
        );
      });
      await fc.assert(run, chance(250));
    },
    patience,
  );

  it(
    'is refused by the address for receipts, whatever JSON it is',
    async () => {
      const bodies = fc.oneof(
        fc.json(),
        fc.string({ unit: 'binary' }),
        fc.object({ key: fc.constantFrom('sig', 'message-id', '__proto__', 'timestamp') }).map((value) => JSON.stringify(value)),
      );
      const run = fc.asyncProperty(bodies, async (body) => {
        const answer = await fetch(new URL(receipts, door.base), { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
      });
      await fc.assert(run, chance(60));
    },
    patience,
  );
});

describe('any body, posted to the set-up page', () => {
  it(
    'is answered with a page, and makes one organization at most',
    async () => {
      const door = await openDoor();
      const link = new URL((await door.app.get(Setup).createLink()) ?? '');
      const browser = door.browser();
      const form = await browser.get(`${link.pathname}${link.search}`);
      const token = String(form.$('input[name="_csrf"]').val());
      const run = fc.asyncProperty(bodiesOf(forms['/setup'] ?? {}), async (body) => {
        judge(await post(browser, `${link.pathname}${link.search}`, `_csrf=${token}&${body}`), body, door.base);
        expect(await door.database.organization.count()).toBeLessThanOrEqual(1);
      });
      await fc.assert(run, chance(60)).finally(() => door.close());
    },
    patience,
  );
});

/** A body as it is, which URLSearchParams would put right. */
async function post(browser: Browser, path: string, body: string): Promise<PageSeen> {
  return browser.send('POST', path, body as unknown as URLSearchParams, { 'content-type': 'application/x-www-form-urlencoded' });
}
