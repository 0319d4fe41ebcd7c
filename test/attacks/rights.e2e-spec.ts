import { randomUUID } from 'node:crypto';
import { Prisma } from '../../src/generated/prisma/client.js';
import { mayAct, mayGive } from '../../src/people/domain/rights.js';
import { minutes, seconds } from '../../src/platform/clock.js';
import { type ActName, acts, everyRole, memberActs, type MemberActName } from '../../src/sessions/domain/acts.js';
import { RouteTable } from '../../src/sessions/route-table.js';
import type { Role } from '../../src/sessions/visit.js';
import { type Door, openDoor } from '../support/door.js';
import { addOrganization, addPerson, enroll, giveNumber, password } from '../support/people.js';
import { type Change, changesBetween, isCovered, rowsOf } from '../support/rows.js';
import { codeTo } from '../support/sent.js';
import { addCompany, Poster, type Somebody } from '../support/two-organizations.js';

type Fields = Readonly<Record<string, string>>;
type OwnAct = Exclude<
  ActName,
  MemberActName | 'configuration' | 'invite' | 'invitation-resend' | 'invitation-withdraw' | 'people-export' | 'audit-export'
>;

/** One list, `acts`, tells the product who may do what; this goes through all of it, at the real door. */
describe('who may do what', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addCompany>>;
  let globex: Awaited<ReturnType<typeof addCompany>>;
  let actors: Record<Role, Poster & { readonly who?: Somebody }>;
  beforeAll(async () => {
    door = await openDoor({ environment: { LIMITS: 'relaxed' } });
    [acme, globex] = [await addCompany(door, 'Acme'), await addCompany(door, 'Globex')];
    await signActorsIn();
  });
  afterAll(() => door.close());

  const signActorsIn = async () => {
    const [OWNER, ADMIN, AGENT] = [await signInOne('OWNER'), await signInOne('ADMIN'), await signInOne('AGENT')];
    actors = { OWNER, ADMIN, AGENT };
  };
  const oneOf = ({ people }: typeof acme, role: Role) => people.find((somebody) => somebody.role === role)!;
  const otherOf = ({ people }: typeof acme, role: Role) => people.findLast((somebody) => somebody.role === role)!;
  const signInOne = (role: Role) => Poster.signIn(door, oneOf(acme, role).username);

  const pathOf = (act: ActName, parameter = '') => {
    const route = door.app.get(RouteTable).routes.find(({ declaration }) => declaration?.act === act);
    return (route?.path ?? '/no-route').replace(/:\w+/, encodeURIComponent(parameter));
  };

  /** A field for every column of these tables, with what somebody would like to stand there. */
  const everyColumn = { ...Prisma.UserScalarFieldEnum, ...Prisma.OrganizationScalarFieldEnum, ...Prisma.InvitationScalarFieldEnum };
  const wanted = (column: string) => {
    if (column === 'role') return 'OWNER';
    if (/id$/i.test(column)) return oneOf(globex, 'OWNER').id;
    if (column === 'organizationId') return globex.organizationId;
    return /(At|Since|From)$/.test(column) ? '2026-12-24T00:00:00Z' : 'on';
  };
  /** Those that the form does not take. */
  const extra = (act: ActName): Fields => {
    const takes: readonly string[] = acts[act].fields;
    const columns = Object.keys(everyColumn).filter((column) => !takes.includes(column) && column !== 'smsCountries');
    return Object.fromEntries(columns.slice(0, 44).map((column) => [column, wanted(column)]));
  };

  const put = (somebody: Somebody, data: Prisma.UserUpdateInput = {}) =>
    door.database.user.update({ where: { id: somebody.id }, data: { role: somebody.role, deactivatedAt: null, ...data } });
  const askForHelp = ({ id: userId, organizationId }: Somebody) =>
    door.database.lostPhoneRequest.createMany({
      data: {
        ...{ organizationId, userId, openFor: userId, withdrawHash: randomUUID(), note: '', address: '' },
        ...{ askedAt: door.clock.now(), expiresAt: new Date('2030-01-01') },
      },
      skipDuplicates: true,
    });
  const isOf = ({ id }: { readonly id: string }, { row }: Change) => [row['id'], row['user_id']].includes(id);
  /** What there must be to take away. */
  const prepare: Readonly<Record<MemberActName, (target: Somebody) => Promise<unknown>>> = {
    'member-role': (target) => put(target),
    'member-deactivate': (target) => put(target),
    'member-reactivate': (target) => put(target, { deactivatedAt: door.clock.now() }),
    'member-unlock': ({ id: userId }) => door.database.codeTries.createMany({ data: { userId, failedInRow: 3 }, skipDuplicates: true }),
    'member-reset': async (target) => {
      await put(target);
      await door.database.authenticator.deleteMany({ where: { userId: target.id } });
      await enroll(door, target.id);
    },
    'member-refuse': askForHelp,
  };
  const fieldsOf = (act: MemberActName, role: Role): Fields =>
    act === 'member-role' ? { role } : act === 'member-reset' ? { reason: 'Lost', newPasswordOffered: 'yes' } : {};
  const memberActNames = Object.keys(memberActs) as MemberActName[];
  const nobody: Somebody = { id: '', username: 'nobody.at.all', role: 'AGENT', organizationId: '' };

  type Case = { readonly act: MemberActName; readonly actor: Role; readonly target: Somebody; readonly given: Role };
  const memberCases = (): Case[] =>
    memberActNames.flatMap((act) =>
      everyRole.flatMap((actor) =>
        [...everyRole.map((role) => otherOf(acme, role)), oneOf(acme, actor), ...everyRole.map((role) => oneOf(globex, role)), nobody]
          // An own second factor has no place here: the actor would be asked for it.
          .filter((target) => !(act === 'member-reset' && target === oneOf(acme, actor)))
          .flatMap((target) => (act === 'member-role' ? everyRole : everyRole.slice(0, 1)).map((given) => ({ act, actor, target, given }))),
      ),
    );

  const expectedOf = ({ act, actor, target, given }: Case): number => {
    if (!acts[act].by.includes(actor)) return 403;
    if (target.organizationId !== acme.organizationId) return 404;
    const isAllowed = mayAct(act, { actor, target: target.role, isSelf: target === oneOf(acme, actor) });
    return isAllowed && (act !== 'member-role' || mayGive(actor, given)) ? 303 : 403;
  };

  const postCase = async ({ act, actor, target, given }: Case) =>
    (await actors[actor].post(pathOf(act, target.username), { ...extra(act), ...fieldsOf(act, given) })).status;
  const told = ({ act, actor, target, given }: Case, status: number, changes: readonly Change[]) => ({
    ...{ act, actor, target: target.username, given, status },
    changes: changes.map(({ what }) => what),
  });

  it('is the same at the door as in the table: done, for each act on a member, by each role, to each role', async () => {
    const violations = [];
    const cases = memberCases().filter((one) => expectedOf(one) === 303);
    for (const one of cases) {
      const { act, target, given } = one;
      await prepare[act](target);
      const before = await rowsOf(door.database);
      const status = await postCase(one);
      const changes = changesBetween(before, await rowsOf(door.database));
      const strange = changes.filter((change) => !isCovered(change, acts[act].changes) || !isOf(target, change));
      const isChange = act !== 'member-role' || given !== target.role;
      if (status !== 303 || strange.length > 0 || changes.length > 0 !== isChange) violations.push(told(one, status, changes));
      await put(target);
    }
    expect(violations).toEqual([]);
    expect(cases.filter(({ actor }) => actor === 'OWNER')).toHaveLength(5 * 3 + 3 * 3 + 3);
    expect(cases.filter(({ actor }) => actor === 'ADMIN')).toHaveLength(5 * 2 + 2 * 2);
    expect(cases.filter(({ actor }) => actor === 'AGENT')).toEqual([]);
  });

  it('is the same at the door as in the table: refused, here and elsewhere, and then nothing is changed', async () => {
    const cases = memberCases().filter((one) => expectedOf(one) !== 303);
    for (const company of [acme, globex]) {
      for (const target of company.people) for (const act of ['member-unlock', 'member-refuse'] as const) await prepare[act](target);
      await enroll(door, otherOf(company, 'OWNER').id);
      await put(otherOf(company, 'AGENT'), { deactivatedAt: door.clock.now() });
    }
    const before = await rowsOf(door.database);
    const violations = [];
    for (const one of cases) {
      const status = await postCase(one);
      if (status !== expectedOf(one)) violations.push(told(one, status, []));
    }
    expect(violations).toEqual([]);
    expect(changesBetween(before, await rowsOf(door.database))).toEqual([]);
    // As many as there are acts times people to do them to, so that none is lost.
    expect(cases).toHaveLength(8 * 3 * 8 - 3 - 27 - 14);
    expect(new Set(cases.map(expectedOf))).toEqual(new Set([403, 404]));
    await put(otherOf(acme, 'AGENT'));
  });

  const addInvitation = async (company: typeof acme, role: Role) => {
    const { organizationId } = company;
    const [email, now] = [`${randomUUID()}@new.test`, door.clock.now()];
    const sent = { invitedById: oneOf(company, 'OWNER').id, invitedAt: now, sentAt: now, expiresAt: new Date('2030-01-01') };
    const data = { organizationId, email, role, openFor: `${organizationId} ${email}`, tokenHash: randomUUID(), ...sent };
    return (await door.database.invitation.create({ data })).id;
  };

  it('is the same for invitations, by the role that they give', async () => {
    const violations = [];
    for (const actor of everyRole) {
      for (const role of everyRole) {
        const isManager = acts.invite.by.includes(actor);
        const own = !isManager ? 403 : mayGive(actor, role) ? 303 : 403;
        const tries = [
          { act: 'invite', path: pathOf('invite'), expected: own, fields: { emails: `${randomUUID()}@new.test`, role } },
          ...(['invitation-resend', 'invitation-withdraw'] as const).flatMap((act) => [
            { act, path: async () => pathOf(act, await addInvitation(acme, role)), expected: own, fields: {} },
            { act, path: async () => pathOf(act, await addInvitation(globex, role)), expected: isManager ? 404 : 403, fields: {} },
            { act, path: pathOf(act, randomUUID()), expected: isManager ? 404 : 403, fields: {} },
          ]),
        ] as const;
        for (const { act, path, expected, fields } of tries) {
          const address = typeof path === 'string' ? path : await path();
          const before = await rowsOf(door.database);
          const { status } = await actors[actor].post(address, { ...extra(act), ...fields });
          const changes = changesBetween(before, await rowsOf(door.database));
          const isOwnRow = changes.every(({ row }) => row['organization_id'] === acme.organizationId);
          const isOwnRole = changes.every(({ row }) => row['role'] === role);
          const isCoveredByTable = changes.every((change) => isCovered(change, acts[act].changes));
          if (status !== expected || !isOwnRow || !isOwnRole || !isCoveredByTable || changes.length > 0 !== (status === 303))
            violations.push({ act, actor, role, address, status, expected, changes: changes.map(({ what }) => what) });
        }
      }
    }
    expect(violations).toEqual([]);
  });

  it('is the same for each field of the configuration, and for both exports', async () => {
    const required = { twoFactorRequired: 'on' };
    const expected: Readonly<Record<(typeof acts.configuration.fields)[number], readonly [Fields, readonly string[]]>> = {
      twoFactorRequired: [required, ['two_factor_required']],
      smsAllowed: [{ ...required, smsAllowed: 'on' }, ['sms_allowed', 'sms_allowed_since', 'two_factor_required']],
      twoFactorFrom: [{ ...required, twoFactorFrom: '2026-12-24' }, ['two_factor_from', 'two_factor_required']],
      reason: [{ reason: 'No reason' }, []],
      smsCountries: [{ smsCountries: 'shown' }, ['sms_countries']],
      'smsCountries.*': [{ 'smsCountries.DE': 'on' }, ['sms_countries']],
      smsMonthlyBudget: [{ smsMonthlyBudget: '7' }, ['sms_monthly_budget']],
    };
    const asItWas = await door.database.organization.findUniqueOrThrow({ where: { id: acme.organizationId } });
    const violations = [];
    for (const actor of everyRole) {
      const isAllowed = acts.configuration.by.includes(actor);
      for (const [field, [fields, columns]] of Object.entries(expected)) {
        const before = await rowsOf(door.database);
        const { status } = await actors[actor].post(pathOf('configuration'), { ...extra('configuration'), ...fields });
        const changes = changesBetween(before, await rowsOf(door.database));
        const changed = changes.filter(({ row }) => row['id'] === acme.organizationId).map(({ what }) => what);
        const should = isAllowed ? columns.map((column) => `organizations.${column}`) : [];
        if (status !== (isAllowed ? 303 : 403) || String(changed) !== String(should) || changed.length !== changes.length)
          violations.push({ actor, field, status, changes: changes.map(({ what }) => what) });
        await door.database.organization.update({ where: { id: acme.organizationId }, data: asItWas });
      }
      for (const act of ['people-export', 'audit-export'] as const) {
        const fields = { filter: 'all', person: oneOf(globex, 'OWNER').username };
        const file = await actors[actor].post(pathOf(act), { ...extra(act), ...(act === 'people-export' ? { filter: 'all' } : fields) });
        if (file.status !== (isAllowed ? 200 : 403) || file.body.includes('globex')) violations.push({ actor, act, status: file.status });
      }
    }
    expect(violations).toEqual([]);
  });

  it('is the member’s own account alone for what every role may do, whatever else the form brings', async () => {
    const violations = [];
    const organizationId = await addOrganization(door, 'Initech', { twoFactorRequired: true, smsAllowed: true });
    for (const [index, role] of everyRole.entries()) {
      const [username, number] = [`${role.toLowerCase()}@initech.test`, `+3161234567${index}`];
      const id = await addPerson(door, { organizationId, username, role });
      let key = await enroll(door, id);
      await giveNumber(door, id, number);
      const enter = async () => {
        door.clock.turn(seconds(30));
        const browser = door.browser();
        await browser.submit(await browser.signIn(username, password), 'code', { code: door.codeOf(key) });
        return browser;
      };
      const browser = await enter();
      const freshCode = () => (door.clock.turn(seconds(30)), { code: door.codeOf(key) });
      const own: Readonly<Record<OwnAct, () => Promise<Fields> | Fields>> = {
        details: () => ({ name: 'Another name', email: `${role.toLowerCase()}.new@initech.test`, phoneNumber: number }),
        'step-up': () => ({ ...freshCode(), returnTo: '/' }),
        'number-test-send': () => ({}),
        'number-test': async () => ({ code: await codeTo(door, number) }),
        'sms-switch': () => ({}),
        'recovery-codes': () => ({}),
        'recovery-codes-kept': () => ({ returnTo: '/' }),
        'session-end': async () => {
          await enter();
          return { session: (await door.database.session.findMany({ where: { userId: id }, orderBy: { passwordAt: 'desc' } }))[0]!.id };
        },
        'sessions-end-others': async () => (await enter(), {}),
        authenticator: async () => {
          key = (await browser.get('/profile/authenticator')).key;
          return { code: door.codeOf(key) };
        },
        'two-factor-choose': async () => {
          await door.database.organization.update({ where: { id: organizationId }, data: { twoFactorRequired: false } });
          return freshCode();
        },
        'two-factor-leave': freshCode,
        password: async () => {
          await door.database.organization.update({ where: { id: organizationId }, data: { twoFactorRequired: true } });
          return { currentPassword: password, password: 'seven quiet herons wading' };
        },
      };
      for (const [act, fieldsFor] of Object.entries(own) as [OwnAct, () => Promise<Fields> | Fields][]) {
        const fields = await fieldsFor();
        const before = await rowsOf(door.database);
        const poster = await Poster.of(browser);
        const { status } = await poster.post(pathOf(act), { ...extra(act), ...fields });
        const proof = ['sessions.', 'users.last_sign_in_at', 'authenticators.last_used_step', 'code_tries'];
        const changes = changesBetween(before, await rowsOf(door.database)).filter(
          ({ what }) => !proof.some((own) => what.startsWith(own)),
        );
        const strange = changes.filter((change) => {
          return !isOf({ id }, change) || !isCovered(change, acts[act].changes);
        });
        const isIdle = changes.length === 0 && !['step-up', 'recovery-codes-kept'].includes(act);
        if (status !== 303 || strange.length > 0 || isIdle)
          violations.push({ role, act, status, changes: changes.map(({ what }) => what) });
      }
    }
    expect(violations).toEqual([]);
  });

  /** Every act that not every role may do, and a form that it takes. */
  const managed = async (): Promise<readonly (readonly [ActName, string, Fields])[]> => {
    const target = otherOf(acme, 'AGENT');
    return [
      ...memberActNames.map((act) => [act, pathOf(act, target.username), fieldsOf(act, 'ADMIN')] as const),
      ['configuration', pathOf('configuration'), { 'smsCountries.DE': 'on' }],
      ['invite', pathOf('invite'), { emails: 'late@new.test', role: 'AGENT' }],
      ['invitation-resend', pathOf('invitation-resend', await addInvitation(acme, 'AGENT')), {}],
      ['invitation-withdraw', pathOf('invitation-withdraw', await addInvitation(acme, 'AGENT')), {}],
      ['people-export', pathOf('people-export'), {}],
      ['audit-export', pathOf('audit-export'), {}],
    ];
  };

  it('changes at once for an administrator who is made an agent between page and post', async () => {
    const admin = oneOf(acme, 'ADMIN');
    const cases = await managed();
    expect(cases.map(([act]) => act).sort()).toEqual(
      Object.entries(acts)
        .flatMap(([act, { by }]) => (by.length < everyRole.length ? [act] : []))
        .sort(),
    );
    for (const act of memberActNames.slice(3)) await prepare[act](otherOf(acme, 'AGENT'));
    await put(admin, { role: 'AGENT' });
    const before = await rowsOf(door.database);
    const answers = [];
    for (const [act, path, fields] of cases) answers.push([act, (await actors.ADMIN.post(path, fields)).status]);
    const pages = door.app
      .get(RouteTable)
      .routes.filter(({ method, declaration }) => method === 'GET' && !declaration?.roles.includes('AGENT'));
    for (const { path } of pages) answers.push([path, (await actors.ADMIN.browser.get(path)).status]);
    await put(admin);
    expect(pages.length).toBeGreaterThan(3);
    expect(answers.filter(([, status]) => status !== 403)).toEqual([]);
    expect(changesBetween(before, await rowsOf(door.database)).filter(({ row }) => row['id'] !== admin.id)).toEqual([]);
  });

  it('changes at once for an administrator who is made an agent while a form waits for their step-up', async () => {
    const admin = oneOf(acme, 'ADMIN');
    const violations = [];
    await door.database.organization.update({ where: { id: acme.organizationId }, data: { twoFactorRequired: false } });
    const withoutWait = ['people-export', 'audit-export'];
    for (const [act, path, fields] of (await managed()).filter(([name]) => !withoutWait.includes(name))) {
      await put(admin);
      for (const name of memberActNames.slice(3)) await prepare[name](otherOf(acme, 'AGENT'));
      // What loosens the policy waits: SMS beside a second factor, in the days before it is asked for.
      const policy = { twoFactorRequired: true, twoFactorFrom: new Date('2027-06-01'), smsAllowed: false };
      if (act === 'configuration') await door.database.organization.update({ where: { id: acme.organizationId }, data: policy });
      const poster = await Poster.signIn(door, admin.username);
      door.clock.turn(minutes(11));
      const typed = act === 'configuration' ? { twoFactorRequired: 'on', smsAllowed: 'on', 'smsCountries.NL': 'on' } : fields;
      const waiting = await poster.post(path, typed);
      const form = new URL(waiting.headers.get('location') ?? '', door.base).searchParams.get('form') ?? '';
      await put(admin, { role: 'AGENT' });
      const before = await rowsOf(door.database);
      const { status } = await poster.post('/step-up', { password, form });
      const changes = changesBetween(before, await rowsOf(door.database)).filter(({ table }) => table !== 'sessions');
      if (form === '' || status !== 403 || changes.length > 0)
        violations.push({ act, waiting: waiting.status, form, status, changes: changes.map(({ what }) => what) });
    }
    await put(admin);
    expect(violations).toEqual([]);
  });
});
