import { hours, minutes } from '../../src/platform/clock.js';
import { RouteTable } from '../../src/sessions/route-table.js';
import type { Browser } from '../support/browser.js';
import type { Door } from '../support/door.js';
import { EveryPost, openAttackedDoor, type Post, tokenOn, valuesOf } from '../support/every-post.js';
import { addPerson, password } from '../support/people.js';
import { type RouterRoute, routerRoutes } from '../support/router.js';
import { changedTables, tableDigests } from '../support/table-digests.js';
import { isMembersPage, leadsTo, lines, wire, type WireAnswer, type WireRequest } from '../support/wire.js';

type Stage = 'anonymous' | 'enrollment' | 'challenge';
/** Somebody who is not, or not any more, or not yet signed in. */
type HalfWay = {
  readonly what: string;
  readonly stage: Stage;
  readonly cookie: string;
  readonly token: string;
  /** A right code, where there is one to know. */
  readonly code: string;
};

const pageOf = { anonymous: '/login', enrollment: '/two-factor/enroll', challenge: '/two-factor/challenge' } as const;
const both = (path: string) => [`GET ${path}`, `POST ${path}`];
const withoutSession = ['GET /health/live', 'GET /health/ready', 'GET /outbox', ...both('/setup'), ...both('/sms/receipts')];
const linked = ['/password/forgot', '/password/reset', '/login/link', '/invitation', '/two-factor/lost-phone/withdraw'].flatMap(both);
const byLink = [...linked, 'POST /login/link/browser'];
const inChallenge = ['/two-factor/challenge', '/two-factor/challenge/sms', '/two-factor/recovery', '/two-factor/lost-phone'].flatMap(both);
/** All that each may reach. Whatever else the router has is closed to them. */
const openTo: Readonly<Record<Stage, ReadonlySet<string>>> = {
  anonymous: new Set([...withoutSession, ...byLink, ...both('/login')]),
  enrollment: new Set([...withoutSession, ...byLink, ...both('/two-factor/enroll'), 'POST /logout']),
  challenge: new Set([...withoutSession, ...byLink, ...inChallenge, 'POST /logout']),
};

const cookieOf = (browser: Browser) => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

/** Everybody who stands before the door, each with a token that is right for their posts. */
class Crowd {
  readonly all: HalfWay[] = [];

  private constructor(
    private readonly world: EveryPost,
    private readonly door: Door,
  ) {}

  static async gather(world: EveryPost): Promise<{ crowd: readonly HalfWay[]; posts: readonly Post[] }> {
    const crowd = new Crowd(world, world.door);
    await crowd.addThoseWhoseTimeIsOver();
    const posts = await world.posts();
    await crowd.addThoseOnTheirWay();
    await crowd.addThoseWhoWereIn(posts);
    await crowd.addThoseWhomThePolicyMoved();
    return { crowd: crowd.all, posts };
  }

  /** A token of the stage in which the browser stands now; its cookies stay what they are. */
  private async add(what: string, stage: Stage, browser: Browser, code = ''): Promise<void> {
    const page = await browser.clone().get(pageOf[stage]);
    if (page.path !== pageOf[stage]) throw new Error(`${what} stands at ${page.path}`);
    this.all.push({ what, stage, cookie: cookieOf(browser), token: tokenOn(page), code });
  }

  private async stand(username: string): Promise<Browser> {
    const browser = this.door.browser();
    await browser.signIn(username, password);
    return browser;
  }

  private async addThoseWhoseTimeIsOver(): Promise<void> {
    const { browser: agnes } = await this.world.signIn('agnes');
    this.door.clock.turn(hours(24) - minutes(15));
    const [chad, eve] = [await this.stand('chad'), await this.stand('eve')];
    this.door.clock.turn(minutes(15));
    await this.add('signed in 24 hours ago', 'anonymous', agnes, this.world.codeOf('agnes'));
    await this.add('in the challenge for 15 minutes', 'anonymous', chad, this.world.codeOf('chad'));
    await this.add('in enrollment for 15 minutes', 'anonymous', eve);
  }

  private async addThoseOnTheirWay(): Promise<void> {
    const visitor = this.door.browser();
    await visitor.get('/login');
    await this.add('a visitor', 'anonymous', visitor, this.world.codeOf('agnes'));
    const eve = await this.stand('eve');
    await this.add('enrollment', 'enrollment', eve, this.door.codeOf((await eve.get(pageOf.enrollment)).key));
    await this.add('challenge', 'challenge', await this.stand('chad'), this.world.codeOf('chad'));
  }

  private async addThoseWhoWereIn(posts: readonly Post[]): Promise<void> {
    const { database, clock } = this.door;
    const before = await this.stand('adam');
    const adam = before.clone();
    await adam.visitAndSubmit(pageOf.challenge, 'code', { code: this.world.codeOf('adam', -1) });
    await this.add('the cookie from before the code', 'anonymous', before, this.world.codeOf('adam'));
    const { browser: second } = await this.world.signIn('adam', 0);
    await second.visitAndSubmit('/profile/sessions', '/profile/sessions/end-others');
    await this.add('ended from elsewhere', 'anonymous', adam);
    const left = second.clone();
    await second.visitAndSubmit('/', '/logout');
    await this.add('signed out', 'anonymous', left, this.world.codeOf('adam', 1));
    const { browser: rolf } = await this.world.signIn('rolf');
    await database.user.update({ where: { id: this.world.member('rolf').id }, data: { deactivatedAt: clock.now() } });
    await this.add('deactivated', 'anonymous', rolf, this.world.codeOf('rolf'));
    const { browser: rita } = await this.world.signIn('rita');
    const reset = posts.find(({ route }) => route.endsWith('/reset-two-factor'));
    await reset?.by.send('POST', reset.path, new URLSearchParams({ _csrf: reset.token, ...valuesOf(reset.fields) }));
    await this.add('reset by an administrator', 'anonymous', rita, this.world.codeOf('rita'));
  }

  private async addThoseWhomThePolicyMoved(): Promise<void> {
    const { database, clock } = this.door;
    await addPerson(this.door, { organizationId: this.world.beta, username: 'ben', role: 'OWNER' });
    const [ben, bob] = [await this.stand('ben'), await this.stand('bob')];
    const { browser: nora } = await this.world.signIn('nora', 0);
    await database.organization.update({ where: { id: this.world.beta }, data: { twoFactorRequired: true } });
    await database.session.updateMany({ where: { userId: this.world.member('nora').id }, data: { secondFactorMethod: 'SMS' } });
    await database.organization.update({ where: { id: this.world.acme }, data: { smsAllowedSince: new Date(clock.now().getTime() + 1) } });
    await this.add('moved to enrollment by the policy', 'enrollment', ben, this.door.codeOf((await ben.get(pageOf.enrollment)).key));
    await this.add('moved to the challenge by the policy', 'challenge', bob, this.world.codeOf('bob'));
    await this.add('signed in by SMS before SMS was switched off and on', 'challenge', nora, this.world.codeOf('nora', 1));
  }
}

/** A route of the router at an address that is there. */
type Address = RouterRoute & { readonly url: string; readonly fields: Readonly<Record<string, string>> };

function addressesOf(door: Door, posts: readonly Post[]): readonly Address[] {
  return routerRoutes(door).map(({ method, path }) => {
    const post = posts.find(({ route }) => route === path);
    return { method, path, url: post?.path ?? path, fields: post ? valuesOf(post.fields) : {} };
  });
}

type Try = {
  readonly address: Address;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly extra?: string;
};

const otherMethods = ['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];

/** Every method at every address for the three that stand at the door; for each of the others one more than GET and POST, in turn. */
function triesOf(who: HalfWay, turn: number, addresses: readonly Address[]): readonly Try[] {
  const urls = [...new Map(addresses.map((address) => [address.url, address])).values()];
  const isMain = ['a visitor', 'enrollment', 'challenge'].includes(who.what);
  return urls.flatMap((address, index): Try[] => {
    const more: readonly Try[] = [
      ...otherMethods.map((method) => ({ address, method })),
      { address, method: 'POST', headers: { 'x-http-method-override': 'GET' }, extra: '_method=GET' },
      { address, method: 'GET', headers: { 'x-http-method-override': 'POST', 'x-method-override': 'POST' } },
    ];
    const start = (index + turn) % more.length;
    return [{ address, method: 'GET' }, { address, method: 'POST' }, ...(isMain ? more : more.slice(start, start + 1))];
  });
}

function requestOf({ cookie, token, code }: HalfWay, { address, method, headers = {}, extra = '' }: Try): WireRequest {
  const hasBody = !['GET', 'HEAD', 'TRACE', 'OPTIONS'].includes(method);
  const fields = new URLSearchParams({ ...address.fields, _csrf: token, code });
  return { method, path: address.url, headers: { cookie, ...headers }, ...(hasBody && { body: `${fields.toString()}&${extra}` }) };
}

/** @returns what shows that somebody was let in, or that something broke */
function breach(who: HalfWay, answer: WireAnswer): string | undefined {
  if (isMembersPage(answer)) return 'shows a page of somebody who is signed in';
  if (answer.headers['set-cookie']?.some((line) => /^gatehouse=[\w-]/.test(line))) return 'gives a session cookie';
  if (who.stage !== 'enrollment' && answer.body.includes('data-testid="totp-key"')) return 'shows the key of an authenticator';
  return answer.status < 500 ? undefined : `answers ${answer.status}`;
}

/** Six at a time. */
async function each<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const next = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: 6 }, next));
}

/** What a router, a proxy or a file system might take for the same address. */
function spellingsOf({ method, url }: Address, { base }: Door): readonly string[] {
  const bare = url.slice(1);
  const usual = [`${url}/`, `/${url}`, url.toUpperCase(), `${url};x`, `${url}%00`, `http://evil.test${url}`, `/assets/..${url}`];
  if (method === 'POST') return [...usual, `/health/..${url}`, `/sms/receipts/../..${url}`];
  const dots = [`/.${url}`, `/x/..${url}`, `${url}/.`, `/login/..${url}`, `/health/live/../..${url}`, `/sms/receipts/..%2f..${url}`];
  const encoded = [
    bare.replaceAll('/', '%2f'),
    `%2f${bare}`,
    `%2e/${bare}`,
    bare.replace(/^\w/, (first) => `%${first.charCodeAt(0).toString(16)}`),
  ];
  const odd = [
    `${url}%20`,
    `${url}.`,
    `${url}.json`,
    `${url}%3f`,
    `${url}%23`,
    `${url}?/../login`,
    `${url}%c0%af`,
    `${url}%`,
    `/${bare.replaceAll('/', '//')}`,
  ];
  return [...usual, ...dots, ...encoded.map((path) => `/${path}`), ...odd, `${base}${url}`, `/assets/..%2f${bare}`, `/\\${bare}`];
}

describe('a half-way session', () => {
  let door: Door;
  let crowd: readonly HalfWay[];
  let posts: readonly Post[];
  let addresses: readonly Address[];
  let owner: Browser;
  beforeAll(async () => {
    door = await openAttackedDoor();
    const world = await EveryPost.open(door);
    ({ crowd, posts } = await Crowd.gather(world));
    addresses = addressesOf(door, posts);
    owner = (await world.signIn('olga', 1)).browser;
  });
  afterAll(() => door.close());

  /** A post to a page of its own is what the journeys are about. */
  const isOwnPost = (who: HalfWay, { address, method }: Try) => method === 'POST' && openTo[who.stage].has(`POST ${address.path}`);

  /** @returns what is wrong with the answer */
  const faultOf = (who: HalfWay, { address, method }: Try, answer: WireAnswer): string | undefined => {
    const [routed, to] = [method === 'HEAD' ? 'GET' : method, leadsTo(answer, door.base)];
    const isThere = addresses.some(({ method: taken, path }) => taken === routed && path === address.path);
    if (!isThere) return answer.status === 404 ? undefined : `answers ${answer.status}, though there is no such route`;
    if (openTo[who.stage].has(`${routed} ${address.path}`)) return undefined;
    return answer.status === 303 && to === pageOf[who.stage] ? undefined : `answers ${answer.status}, leads to ${to}`;
  };

  it('of whatever kind opens no route of a member by any method, and changes nothing', async () => {
    const before = await tableDigests(door);
    const found: string[] = [];
    const attacks = crowd.flatMap((who, turn) => triesOf(who, turn, addresses).map((attack) => [who, attack] as const));
    await each(
      attacks.filter(([who, attack]) => !isOwnPost(who, attack)),
      async ([who, attack]) => {
        const answer = await wire(door.base, requestOf(who, attack));
        const fault = breach(who, answer) ?? faultOf(who, attack, answer);
        if (fault !== undefined) found.push(`${who.what}: ${attack.method} ${attack.address.path} ${fault}`);
      },
    );
    expect(found).toEqual([]);
    expect(changedTables(before, await tableDigests(door))).toEqual([]);
  });

  it('opens no more by another spelling of an address', async () => {
    const who = crowd.find(({ what }) => what === 'challenge');
    if (!who) throw new Error('nobody stands in the challenge');
    const before = await tableDigests(door);
    const found: string[] = [];
    const attacks = addresses
      .filter((address) => !openTo.challenge.has(`${address.method} ${address.path}`))
      .flatMap((address) => spellingsOf(address, door).map((path) => ({ address, path })));
    expect(attacks.length).toBeGreaterThan(500);
    await each(attacks, async ({ address, path }) => {
      const answer = await wire(door.base, { ...requestOf(who, { address, method: address.method }), path });
      const isClosed = answer.status >= 400 || (answer.status === 303 && leadsTo(answer, door.base) === pageOf.challenge);
      const fault = breach(who, answer) ?? (isClosed ? undefined : `answers ${answer.status}`);
      if (fault !== undefined) found.push(`${address.method} ${path} ${fault}`);
    });
    expect(found).toEqual([]);
    expect(changedTables(before, await tableDigests(door))).toEqual([]);
  });

  it('opens nothing by a method or an address that HTTP does not know', async () => {
    const host = `Host: ${new URL(door.base).host}`;
    const starts = [
      'FROB / HTTP/1.1',
      'get / HTTP/1.1',
      'GET http:/// HTTP/1.1',
      'GET * HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      'CONNECT / HTTP/1.1',
    ];
    const odd = [
      'GET / HTTP/0.9',
      'GET /\0 HTTP/1.1',
      'GET /profile/details\t HTTP/1.1',
      'GET \\profile\\details HTTP/1.1',
      'GET profile/details HTTP/1.1',
    ];
    const found: string[] = [];
    for (const start of [...starts, ...odd])
      for (const { what, stage, cookie } of crowd.filter(({ code }) => code !== '')) {
        const answer = await lines(door.base, [start, host, `Cookie: ${cookie}`]);
        const isClosed = answer.status === 0 || answer.status >= 400 || answer.body.includes(`Location: ${pageOf[stage]}`);
        if (isMembersPage(answer) || answer.status >= 500 || !isClosed) found.push(`${what}: ${start} answers ${answer.status}`);
      }
    expect(found).toEqual([]);
  });

  it('is told from one that is signed in by what this file looks at', async () => {
    const pages = addresses.filter(({ method, url }) => method === 'GET' && !url.includes(':'));
    const seen: string[] = [];
    const host = `Host: ${new URL(door.base).host}`;
    expect(isMembersPage(await lines(door.base, ['GET / HTTP/1.1', host, `Cookie: ${cookieOf(owner)}`]))).toBe(true);
    await each(pages, async ({ url }) => {
      if (isMembersPage(await wire(door.base, { path: url, headers: { cookie: cookieOf(owner) } }))) seen.push(url);
    });
    const { routes } = door.app.get(RouteTable);
    const redirecting = ['/profile/number-test', '/profile/number-test/sms', '/profile/two-factor/choose', '/profile/two-factor/leave'];
    const ofMembers = routes.filter(({ method, declaration }) => method === 'GET' && declaration?.stages.join() === 'signedIn');
    expect(seen).toEqual(expect.arrayContaining(ofMembers.map(({ path }) => path).filter((path) => !redirecting.includes(path))));
  });
});
