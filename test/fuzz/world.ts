/** Two organizations at a real door, the browsers in front of it, and beside them what the promise says of each. */
import { PasswordForgotten } from '../../src/auth/password-forgotten.service.js';
import type { Browser, PageSeen } from '../support/browser.js';
import type { Door } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { type Answer, isOver, type Organization, pages, type Session, type Stage, stageOf, type User, visit } from './promise.js';

/** How a sequence begins; each flag of a member in the order of `usernames`. */
export type Beginning = {
  readonly required: boolean;
  readonly smsAllowed: boolean;
  readonly enrolled: readonly boolean[];
  readonly numbers: readonly boolean[];
  readonly emails: readonly boolean[];
};

export const usernames = ['olga', 'adam', 'agnes', 'zoe'] as const;
const roles = { olga: 'OWNER', adam: 'ADMIN', agnes: 'AGENT', zoe: 'OWNER' } as const;

/** A page as the browser still shows it, and the session or visitor whose forms it holds. */
export type Tab = { token: string; owner: Session | string | undefined; form: string | undefined };
export type Window = { readonly browser: Browser; readonly tabs: readonly Tab[] };

const openToAll = ['/password/forgot', '/password/reset'];

let count = 0;

export class World {
  readonly sessions: Session[] = [];
  /** Cookie values that were given out and hold no more. */
  readonly dead: string[] = [];
  readonly told: string[] = [];
  wrongPasswords = 0;
  passwords = 0;

  private constructor(
    readonly door: Door,
    readonly users: readonly User[],
    readonly windows: readonly Window[],
  ) {}

  static async begin(door: Door, beginning: Beginning): Promise<World> {
    // A day later every limit by address is forgotten.
    door.clock.turn(25 * 3_600_000);
    count += 1;
    const { required, smsAllowed } = beginning;
    const names = [`Acme ${count}`, `Other ${count}`];
    const organizations = names.map((name): Organization => ({ name, required, smsAllowed: required && smsAllowed, from: undefined }));
    const ids = await Promise.all(
      organizations.map((organization) =>
        addOrganization(door, organization.name, { twoFactorRequired: required, smsAllowed: organization.smsAllowed }),
      ),
    );
    const users: User[] = [];
    for (const [index, name] of usernames.entries()) {
      const at = name === 'zoe' ? 1 : 0;
      users.push(await addUser(door, { name, index, organization: organizations[at]!, organizationId: ids[at]!, beginning }));
    }
    const window = (): Window => ({ browser: door.browser(), tabs: [newTab(), newTab()] });
    return new World(door, users, [window(), window(), window(), window()]);
  }

  get now(): number {
    return this.door.clock.now().getTime();
  }

  /** The session whose cookie a browser holds now. */
  sessionOf({ browser }: Pick<Window, 'browser'>): Session | undefined {
    const cookie = browser.sessionCookie;
    return cookie === undefined ? undefined : this.sessions.find((session) => session.cookie === cookie);
  }

  stageOf(window: Window): Stage {
    return stageOf(this.sessionOf(window), this.now);
  }

  sessionsOf(user: User): Session[] {
    return this.sessions.filter((session) => session.user === user);
  }

  colleaguesOf({ organization }: User): Session[] {
    return this.sessions.filter(({ user }) => user.organization === organization);
  }

  endAll(user: User, except?: Session): void {
    for (const session of this.sessionsOf(user)) if (session !== except) session.isEnded = true;
  }

  codeOf(user: User, stepsAway: number): string {
    return user.key === undefined ? this.wrongCode() : this.door.codeOf(user.key, stepsAway);
  }

  get step(): number {
    return Math.floor(this.now / 30_000);
  }

  /** The step that a key shows this code in, of the one that is and its neighbours. */
  stepOfCode(key: string, code: string): number | undefined {
    const away = [0, -1, 1].find((steps) => this.door.codeOf(key, steps) === code);
    return away === undefined ? undefined : this.step + away;
  }

  /** Of nobody and nothing here. */
  wrongCode(): string {
    const keys = [...this.users.map(({ key }) => key), ...this.sessions.map(({ pending }) => pending?.key)];
    const right = keys.flatMap((key) => (key === undefined ? [] : [-1, 0, 1].map((steps) => this.door.codeOf(key, steps))));
    const codes = ['000000', '111111', '222222', '333333', '444444', '555555'];
    return codes.find((code) => !right.includes(code) && !this.sessions.some(({ sentCode }) => sentCode === code)) ?? '';
  }

  newPassword(): string {
    this.passwords += 1;
    return `seven quiet herons wading ${this.passwords}`;
  }

  /** Opens a page in a tab, and looks whether it is the one that the stage may see. */
  async open(window: Window, tab: Tab, path: string): Promise<PageSeen> {
    const { browser } = window;
    const session = this.sessionOf(window);
    const stage = visit(session, this.now);
    const page = await browser.get(path);
    const [address = ''] = path.split('?');
    if (stage !== 'member') {
      const isOpen = openToAll.includes(address) || (stage === 'challenge' && address === '/two-factor/recovery');
      this.expect(`${address} leads to`, page.path, isOpen ? address : pages[stage]);
      this.expect(`${address} as ${stage} names`, nameOn(page), undefined);
    }
    this.read(page, window, tab);
    return page;
  }

  /** What a page shows: its form's token, a key, recovery codes. */
  read(page: PageSeen, window: Window, tab: Tab): void {
    if (page.status >= 500) throw new Error(`${page.path} is answered with ${page.status}`);
    const session = this.sessionOf(window);
    const owner = session && !isOver(session, this.now) ? session : this.visitorOf(window);
    const token = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1];
    if (token !== undefined) Object.assign(tab, { token, owner });
    if (page.body.includes('totp-key') && session) this.readKey(page.key, session);
    if (page.body.includes('data-testid="recovery-code"') && session) this.readRecoveryCodes(page, session);
  }

  visitorOf({ browser }: Window): string | undefined {
    return browser.cookies.get('visitor');
  }

  /** The same key over reloads of one session for 15 minutes, and never another session's. */
  private readKey(key: string, session: Session): void {
    const { pending } = session;
    if (pending && this.now - pending.at < 15 * 60_000) return this.expect('the key that is shown', key, pending.key);
    const others = [...this.users.map((user) => user.key), ...this.sessions.map((other) => other.pending?.key)];
    this.expect('a key that another session or member has', others.includes(key), false);
    session.pending = { key, at: this.now };
  }

  private readRecoveryCodes(page: PageSeen, { user }: Session): void {
    const codes = page.$('[data-testid="recovery-code"]').map((_, element) => page.$(element).text().trim());
    user.spentCodes.push(...user.recoveryCodes.filter((code) => !codes.get().includes(code)));
    user.recoveryCodes = codes.get().filter((code) => !user.spentCodes.includes(code));
  }

  /** Whether server and promise agree on what every browser may see; another page for each turn. */
  async look(turn: number): Promise<void> {
    for (const window of this.windows) if (window.browser.sessionCookie !== undefined) await this.lookAt(window, turn);
    const value = this.dead[turn % Math.max(this.dead.length, 1)];
    if (value !== undefined) await this.lookAtDead(value);
  }

  async lookAtDead(value: string): Promise<void> {
    const grave = this.door.browser();
    grave.cookies.set('gatehouse', value);
    const page = await grave.send('GET', '/');
    this.expect('a dead cookie leads to', page.headers.get('location')?.split('?')[0], '/login');
    this.expect('a dead cookie is given', grave.sessionCookie === value || grave.sessionCookie === undefined, true);
  }

  private async lookAt(window: Window, turn: number): Promise<void> {
    const session = this.sessionOf(window);
    const stage = visit(session, this.now);
    const isManagers = turn % 3 === 2;
    const page = await window.browser.send('GET', isManagers ? '/organization/people' : '/');
    const name = `browser ${this.windows.indexOf(window)}`;
    if (stage !== 'member') {
      this.expect(`${name} is led to`, `${page.status} ${page.headers.get('location')?.split('?')[0]}`, `303 ${pages[stage]}`);
      return;
    }
    const status = isManagers && session?.user.role === 'AGENT' ? 403 : 200;
    this.expect(`${name} sees`, `${page.status} ${nameOn(page)}`, `${status} ${session?.user.username}`);
  }

  /** What a post was answered with, and what became of the cookie. */
  check(page: PageSeen, { status, to, cookie }: Answer, { browser }: Window, before: string | undefined): void {
    const location = page.headers.get('location');
    const path = location === null ? undefined : new URL(location, this.door.base).pathname;
    this.expect('is answered with', page.status, status);
    if (to === 'in') this.expect('leads in', ['/login', pages.enrollment, pages.challenge].includes(path ?? ''), false);
    else if (to !== undefined) this.expect('leads to', path, to);
    const after = browser.sessionCookie;
    if (cookie === 'new') {
      this.expect('gives a cookie that is new', after !== undefined && after !== before && !this.dead.includes(after), true);
      this.expect(
        'is the cookie of another session',
        this.sessions.some((session) => session.cookie === after),
        false,
      );
    } else if (cookie === 'again') this.expect('gives the cookie of a session', this.sessionOf({ browser }) !== undefined, true);
    else this.expect('leaves the cookie', after === before || after === undefined, true);
  }

  /** More about the act that is under way, for who reads a failure. */
  tell(more: string): void {
    this.told.push(`   ${more}`);
  }

  expect<Value>(what: string, seen: Value, promised: Value): void {
    if (seen === promised) return;
    throw new Error(`${what}: ${String(seen)} instead of ${String(promised)}\n${this.told.join('\n')}`);
  }

  async newestSms(number: string): Promise<string> {
    const where = { channel: 'SMS' as const, to: number };
    const row = await this.door.database.outboxMessage.findFirst({ where, orderBy: { sentAt: 'desc' } });
    return row?.text.slice(0, 6) ?? '';
  }

  async newestLink(email: string): Promise<string | undefined> {
    await this.door.app.get(PasswordForgotten).settled();
    return (await linksTo(this.door, email))[0];
  }
}

/** As `signedInAs`, in a tenth of the time. */
function nameOn({ body }: PageSeen): string | undefined {
  return /data-testid="signed-in-as">([^<]*)</.exec(body)?.[1];
}

export function newTab(): Tab {
  return { token: '', owner: undefined, form: undefined };
}

type NewUser = {
  readonly name: (typeof usernames)[number];
  readonly index: number;
  readonly organization: Organization;
  readonly organizationId: string;
  readonly beginning: Beginning;
};

async function addUser(door: Door, { name, index, organization, organizationId, beginning }: NewUser): Promise<User> {
  const username = `${name}${count}`;
  const role = roles[name];
  const id = await addPerson(door, { organizationId, username, role });
  const email = beginning.emails[index] ? `${username}@house.test` : undefined;
  if (email !== undefined) await door.database.user.update({ where: { id }, data: { email } });
  const number = beginning.numbers[index] ? numberOf(index, 1) : undefined;
  if (number !== undefined) await giveNumber(door, id, number);
  const key = beginning.enrolled[index] ? await enroll(door, id) : undefined;
  const none = { lastStep: 0, lastCode: '', recoveryCodes: [], spentCodes: [], wrongInRow: 0, waitsUntil: 0, isClosed: false };
  return { username, organization, email, role, isActive: true, password, chose: false, key, number, smsOn: true, messages: [], ...none };
}

/** A mobile number of this sequence alone. */
export function numberOf(index: number, which: number): string {
  return `+316${String(10_000_000 + count * 10 + index * 2 + which)}`;
}
