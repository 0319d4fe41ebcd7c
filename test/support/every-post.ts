/**
 * One post for each route that takes one, as its own page would send it: who sends it, and with what. Each of them would be
 * accepted; so an attack that changes one thing about it is refused for that thing.
 */
import { AdmissionLinks } from '../../src/auth/admission-links.service.js';
import { Setup } from '../../src/auth/setup.service.js';
import { hashOfRecoveryCode } from '../../src/mfa/domain/recovery-code.js';
import { minutes, after } from '../../src/platform/clock.js';
import type { Role } from '../../src/sessions/visit.js';
import { type Browser, type Fields, formOf, type PageSeen } from './browser.js';
import { type Door, openDoor } from './door.js';
import { closeToUnknown } from './guessing.js';
import { linksTo } from './links.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from './people.js';
import { routerRoutes } from './router.js';
import { codeTo } from './sent.js';

/** How a field is read, and so what may be sent in it: a `text` and a `newPassword` take nearly everything. */
export type FieldKind = 'code' | 'password' | 'newPassword' | 'text' | 'email' | 'strict' | 'emails' | 'hidden' | 'checkbox' | 'number';
export type EveryField = Readonly<Record<string, { readonly kind: FieldKind; readonly value: string; readonly optional?: boolean }>>;

export type Post = {
  /** As the router has it. */
  readonly route: string;
  readonly path: string;
  readonly by: Browser;
  readonly token: string;
  readonly fields: EveryField;
};

/** Its posts come from another machine, with a signature in place of all that a form has. */
const signed = '/sms/receipts';

/** The routes that take a form while there is an organization, by the router: the list of posts must know each of them. */
export function routesOfForms(door: Door): ReadonlySet<string> {
  const taken = routerRoutes(door).filter(({ method }) => method !== 'GET');
  return new Set(taken.map(({ path }) => path).filter((path) => path !== '/setup' && path !== signed));
}

export const number = '+31612345678';
export const freshPassword = 'seven quiet herons wading';
export const recoveryCode = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export function tokenOn({ $ }: PageSeen): string {
  return String($('input[name="_csrf"]').first().val());
}

export function valuesOf(fields: EveryField): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
}

export function bodyOf({ token, fields }: Post): URLSearchParams {
  return new URLSearchParams({ _csrf: token, ...valuesOf(fields) });
}

/** Waits are widened, so that one attack does not stand in the way of the next. */
export function openAttackedDoor(environment: Readonly<Record<string, string>> = {}): Promise<Door> {
  return openDoor({ environment: { LIMITS: 'relaxed', ...environment } });
}

type Member = { readonly id: string; readonly key: string; readonly email: string };

export class EveryPost {
  readonly members = new Map<string, Member>();

  private constructor(
    readonly door: Door,
    readonly acme: string,
    /** Where two-factor is each member's own choice. */
    readonly beta: string,
  ) {}

  /** Acme requires two-factor and allows SMS; everybody there has an authenticator but eve. */
  static async open(door: Door): Promise<EveryPost> {
    const acme = await addOrganization(door, 'Acme', { twoFactorRequired: true, smsAllowed: true });
    const world = new EveryPost(door, acme, await addOrganization(door, 'Beta'));
    await world.add('olga', { role: 'OWNER' });
    await world.add('adam', { role: 'ADMIN' });
    for (const username of ['agnes', 'chad', 'carl', 'nora', 'rolf', 'dora', 'rosa', 'ulla', 'rita', 'lars', 'wim', 'ruth', 'gina'])
      await world.add(username);
    await addPerson(door, { organizationId: acme, username: 'eve' });
    for (const username of ['bob', 'bea']) await world.add(username, { organizationId: world.beta });
    return world;
  }

  member(username: string): Member {
    const found = this.members.get(username);
    if (!found) throw new Error(`nobody is called ${username}`);
    return found;
  }

  codeOf(username: string, stepsAway = 0): string {
    return this.door.codeOf(this.member(username).key, stepsAway);
  }

  /** Through password and challenge; uses up the code that is so many steps away. */
  async signIn(username: string, stepsAway = -1): Promise<{ browser: Browser; page: PageSeen; token: string }> {
    const browser = this.door.browser();
    const challenge = await browser.signIn(username, password);
    const page = challenge.path === '/' ? challenge : await browser.submit(challenge, 'code', { code: this.codeOf(username, stepsAway) });
    if (page.signedInAs !== username) throw new Error(`${username} was not let in: ${page.status} ${page.path}`);
    return { browser, page, token: tokenOn(page) };
  }

  /** All of them, in an order in which each can be accepted after the one before. */
  async posts(): Promise<readonly Post[]> {
    await this.prepareTargets();
    return [
      ...(await this.ofVisitors()),
      ...(await this.ofHalfOpenSessions()),
      ...(await this.ofMembers()),
      ...(await this.ofChoosers()),
      ...(await this.ofManagers()),
    ];
  }

  private async add(username: string, { organizationId = this.acme, role }: { organizationId?: string; role?: Role } = {}): Promise<void> {
    const id = await addPerson(this.door, { organizationId, username, ...(role && { role }) });
    const email = `${username}@acme.test`;
    await this.door.database.user.update({ where: { id }, data: { email } });
    this.members.set(username, { id, email, key: await enroll(this.door, id) });
  }

  private async prepareTargets(): Promise<void> {
    const { database, clock } = this.door;
    for (const username of ['agnes', 'chad', 'nora']) await giveNumber(this.door, this.member(username).id, number);
    await database.user.update({ where: { id: this.member('nora').id }, data: { smsEnabled: false } });
    await database.user.update({ where: { id: this.member('bea').id }, data: { choseTwoFactor: true } });
    await database.user.update({ where: { id: this.member('rosa').id }, data: { deactivatedAt: clock.now() } });
    await database.codeTries.create({
      data: { userId: this.member('ulla').id, failedInRow: 10, waitingUntil: after(clock.now(), minutes(15)) },
    });
    await database.recoveryCode.create({
      data: { userId: this.member('carl').id, codeHash: hashOfRecoveryCode(recoveryCode), createdAt: clock.now() },
    });
    for (const username of ['lars', 'wim']) await this.loseThePhone(username);
  }

  private async loseThePhone(username: string): Promise<void> {
    const browser = this.door.browser();
    await browser.signIn(username, password);
    await browser.visitAndSubmit('/two-factor/lost-phone', 'note', { note: '' });
  }

  private async ofVisitors(): Promise<readonly Post[]> {
    const { browser: olga } = await this.signIn('olga');
    await olga.visitAndSubmit('/organization/people/invite', 'emails', { emails: 'nina@new.test', role: 'AGENT' });
    await this.door.browser().visitAndSubmit('/password/forgot', 'username', { username: 'ruth' });
    await closeToUnknown(this.door, 'gina');
    await this.door.app.get(AdmissionLinks).ask({ username: 'gina', address: '192.0.2.1' });
    const visitor = async () => {
      const browser = this.door.browser();
      return { by: browser, token: tokenOn(await browser.get('/login')) };
    };
    const byLink = async (address: string) => {
      const browser = this.door.browser();
      return { by: browser, token: tokenOn(await browser.get((await linksTo(this.door, address))[0] ?? '/no-link')) };
    };
    const username = (value: string) => ({ username: { kind: 'text', value } }) as const;
    return [
      this.post('/login', await visitor(), { ...username('adam'), password: { kind: 'password', value: password } }),
      this.post('/login/link', await visitor(), username('adam')),
      this.post('/login/link/browser', await byLink('gina@acme.test'), {}),
      this.post('/password/forgot', await visitor(), username('adam')),
      this.post('/password/reset', await byLink('ruth@acme.test'), { password: { kind: 'newPassword', value: freshPassword } }),
      this.post('/invitation', await byLink('nina@new.test'), {
        name: { kind: 'text', value: 'Nina New' },
        ...username('nina'),
        password: { kind: 'newPassword', value: freshPassword },
      }),
      this.post('/two-factor/lost-phone/withdraw', await byLink('wim@acme.test'), {}),
    ];
  }

  private post(path: string, { by, token }: Pick<Post, 'by' | 'token'>, fields: EveryField, route = path): Post {
    return { route, path, by, token, fields };
  }

  private async ofHalfOpenSessions(): Promise<readonly Post[]> {
    const stand = async (username: string) => {
      const browser = this.door.browser();
      const page = await browser.signIn(username, password);
      return { by: browser, token: tokenOn(page), page };
    };
    const [eve, chad, carl] = [await stand('eve'), await stand('chad'), await stand('carl')];
    return [
      this.post('/two-factor/enroll', eve, { code: { kind: 'code', value: this.door.codeOf(eve.page.key) } }),
      this.post('/two-factor/challenge/sms', chad, {}),
      this.post('/two-factor/lost-phone', chad, { note: { kind: 'text', value: 'Call me: room 12', optional: true } }),
      this.post('/two-factor/challenge', chad, { code: { kind: 'code', value: this.codeOf('chad') } }),
      this.post('/two-factor/recovery', carl, { recoveryCode: { kind: 'code', value: recoveryCode } }),
    ];
  }

  private async ofMembers(): Promise<readonly Post[]> {
    for (let count = 0; count < 2; count += 1) await this.door.browser().signIn('agnes', password);
    const other = await this.door.database.session.findFirstOrThrow({ where: { userId: this.member('agnes').id } });
    const { browser, token } = await this.signIn('agnes');
    const { browser: noras, token: norasToken } = await this.signIn('nora');
    const agnes = { by: browser, token };
    const { key } = await browser.get('/profile/authenticator');
    await browser.visitAndSubmit('/profile/number-test', '/profile/number-test/sms');
    const code = (value: string) => ({ code: { kind: 'code', value } }) as const;
    return [
      this.post('/profile/details', agnes, {
        name: { kind: 'text', value: 'Agnes Agent' },
        email: { kind: 'email', value: 'agnes@new.test', optional: true },
        phoneNumber: { kind: 'number', value: number, optional: true },
      }),
      this.post('/profile/security', { by: noras, token: norasToken }, { smsEnabled: { kind: 'checkbox', value: 'on', optional: true } }),
      this.post('/profile/number-test', agnes, code(await codeTo(this.door, number))),
      this.post('/profile/number-test/sms', agnes, {}),
      this.post('/profile/recovery-codes', agnes, {}),
      this.post('/profile/recovery-codes/kept', agnes, { returnTo: { kind: 'hidden', value: '/profile/details', optional: true } }),
      this.post('/profile/sessions/end', agnes, { session: { kind: 'strict', value: other.id } }),
      this.post('/profile/sessions/end-others', agnes, {}),
      this.post('/step-up', agnes, {
        ...code(this.codeOf('agnes')),
        returnTo: { kind: 'hidden', value: '/profile/details', optional: true },
      }),
      this.post('/profile/authenticator', agnes, code(this.door.codeOf(key))),
      this.post('/profile/password', agnes, {
        currentPassword: { kind: 'password', value: password },
        password: { kind: 'newPassword', value: freshPassword },
      }),
    ];
  }

  private async ofChoosers(): Promise<readonly Post[]> {
    const code = (username: string): EveryField => ({ code: { kind: 'code', value: this.codeOf(username) } });
    const [bob, bea] = [await this.signIn('bob'), await this.signIn('bea')];
    return [
      this.post('/profile/two-factor/choose', { by: bob.browser, token: bob.token }, code('bob')),
      this.post('/profile/two-factor/leave', { by: bea.browser, token: bea.token }, code('bea')),
    ];
  }

  private async ofManagers(): Promise<readonly Post[]> {
    const { browser, token } = await this.signIn('olga', 0);
    const olga = { by: browser, token };
    const people = '/organization/people';
    const text = (value: string) => ({ kind: 'text', value }) as const;
    const hidden = (value: string) => ({ kind: 'hidden', value, optional: true }) as const;
    const on = { kind: 'checkbox', value: 'on', optional: true } as const;
    const act = (username: string, what: string, fields: EveryField = {}) =>
      this.post(`${people}/${username}/${what}`, olga, fields, `${people}/:username/${what}`);
    const [resent, withdrawn] = [await this.invite(browser, 'one@new.test'), await this.invite(browser, 'two@new.test')];
    const list = await browser.get(`${people}/invite`);
    const invitation = (id: string, what: string, fields: EveryField = {}) =>
      this.post(`${people}/invitations/${id}/${what}`, olga, fields, `${people}/invitations/:id/${what}`);
    const { sent = '' } = formOf(list, `${people}/invitations/${resent}/resend`).values;
    return [
      this.post('/organization/audit/export', olga, {
        person: hidden(''),
        kind: hidden(''),
        from: hidden(''),
        to: hidden(''),
        format: hidden('csv'),
      }),
      this.post(`${people}/export`, olga, { q: hidden(''), filter: hidden('all'), sort: hidden('name') }),
      this.post('/organization/configuration', olga, {
        twoFactorRequired: on,
        smsAllowed: on,
        twoFactorFrom: { kind: 'strict', value: '', optional: true },
        reason: { kind: 'text', value: '', optional: true },
        smsCountries: hidden('shown'),
        'smsCountries.NL': on,
        'smsCountries.BE': on,
        smsMonthlyBudget: { kind: 'strict', value: '500', optional: true },
      }),
      this.post(`${people}/invite`, olga, { emails: { kind: 'emails', value: 'new@new.test' }, role: { kind: 'strict', value: 'AGENT' } }),
      invitation(resent, 'resend', { sent: hidden(sent) }),
      invitation(withdrawn, 'withdraw'),
      act('rolf', 'role', { role: { kind: 'strict', value: 'ADMIN' } }),
      act('dora', 'deactivate'),
      act('rosa', 'reactivate'),
      act('ulla', 'unlock'),
      act('rita', 'reset-two-factor', { reason: text('Lost at sea'), newPassword: on, newPasswordOffered: hidden('yes') }),
      act('lars', 'refuse-lost-phone'),
      this.post('/logout', olga, {}),
    ];
  }

  private async invite(browser: Browser, email: string): Promise<string> {
    await browser.visitAndSubmit('/organization/people/invite', 'emails', { emails: email, role: 'AGENT' });
    return (await this.door.database.invitation.findFirstOrThrow({ where: { email } })).id;
  }
}

/** The one post that is there only while there is no organization. */
export async function setupPost(door: Door): Promise<Post> {
  const link = new URL((await door.app.get(Setup).createLink()) ?? '/no-link', door.base);
  const path = link.pathname + link.search;
  const browser = door.browser();
  const page = await browser.get(path);
  const fields = {
    organizationName: { kind: 'text', value: 'Acme' },
    name: { kind: 'text', value: 'Olga' },
    username: { kind: 'text', value: 'olga' },
    email: { kind: 'email', value: 'olga@acme.test' },
    password: { kind: 'newPassword', value: freshPassword },
  } as const;
  return { route: '/setup', path, by: browser, token: tokenOn(page), fields };
}
