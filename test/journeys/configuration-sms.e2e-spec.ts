import { minutes } from '../../src/platform/clock.js';
import { countries } from '../../src/platform/phone-number.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { type Door, empty, openDoor } from '../support/door.js';
import { addAcme, addOrganization, addPerson, enroll, password } from '../support/people.js';

const configuration = '/organization/configuration';
const both = { twoFactorRequired: 'on', smsAllowed: 'on' };
const settings = { twoFactorRequired: true, smsAllowed: true, smsCountries: true, smsMonthlyBudget: true, smsAllowedSince: true };

describe('the configuration of codes by SMS', () => {
  let door: Door;
  let acme: Awaited<ReturnType<typeof addAcme>>;
  let owner: Browser;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  beforeEach(async () => {
    await empty(door.database);
    acme = await addAcme(door, { twoFactorRequired: true, smsAllowed: true });
    owner = await signIn('olga', await enroll(door, acme.olga));
  });

  const signIn = async (username: string, key: string, at = door) => {
    const browser = at.browser();
    await browser.submit(await browser.signIn(username, password), 'code', { code: door.codeOf(key) });
    return browser;
  };
  const stored = (id = acme.organizationId) => door.database.organization.findUniqueOrThrow({ where: { id }, select: settings });
  const set = (data: { smsAllowed?: boolean; smsCountries?: string[]; smsMonthlyBudget?: number }) =>
    door.database.organization.update({ where: { id: acme.organizationId }, data });
  /** Saves the form as it is on the page but for these fields; the marker and what is ticked go with it. */
  const save = (fields: Record<string, string>) => owner.visitAndSubmit(configuration, 'twoFactorRequired', fields);
  /** A post of these fields alone. */
  const post = async (fields: readonly (readonly [string, string])[], browser = owner): Promise<PageSeen> => {
    const token = String((await browser.get(configuration)).$('input[name="_csrf"]').first().val());
    return browser.send(
      'POST',
      configuration,
      new URLSearchParams([...fields.map(([name, value]): [string, string] => [name, value]), ['_csrf', token]]),
    );
  };
  const ofBoth = Object.entries(both);
  const tick = (...codes: readonly string[]) => codes.map((code) => [`smsCountries.${code}`, 'on'] as const);
  const reason = ['reason', 'A move'] as const;
  const marker = ['smsCountries', 'listed'] as const;
  const ticked = (page: PageSeen) =>
    page
      .$('input[name^="smsCountries."]:checked')
      .toArray()
      .map((box) => String(page.$(box).attr('name')).slice('smsCountries.'.length))
      .sort();
  const budget = (page: PageSeen) => page.$('input[name="smsMonthlyBudget"]').val();

  it('offers every country once, with those ticked that are stored, and no budget at first', async () => {
    const page = await owner.get(configuration);
    expect(page.$('input[name^="smsCountries."]')).toHaveLength(countries.length);
    expect(countries.length).toBeGreaterThan(200);
    expect(ticked(page)).toEqual(['NL']);
    expect(page.$('.countries summary').text()).toBe('Netherlands');
    expect(budget(page)).toBe('');
    expect(page.text).toMatch(/Messages by SMS in November 2026 \(UTC\)/);
  });

  it('is saved by the post of the switches, and shown again', async () => {
    const saved = await save({ 'smsCountries.DE': 'on', 'smsCountries.BE': 'on', smsMonthlyBudget: ' 250 ' });
    expect(saved.notice).toMatch(/saved/);
    expect(ticked(saved)).toEqual(['BE', 'DE', 'NL']);
    expect(saved.$('.countries summary').text()).toBe('Belgium, Germany, Netherlands');
    expect(budget(saved)).toBe('250');
    expect(saved.text).toMatch(/0 of 250 messages/);
    expect(await stored()).toMatchObject({ smsCountries: ['BE', 'DE', 'NL'], smsMonthlyBudget: 250 });
    const page = await owner.get(configuration);
    page.$('input[name="smsCountries.NL"]').removeAttr('checked');
    expect(ticked(await owner.submit(page, 'twoFactorRequired'))).toEqual(['BE', 'DE']);
  });

  it('stays as it is after a post of the two switches alone', async () => {
    await set({ smsCountries: ['BE', 'NL'], smsMonthlyBudget: 12 });
    expect((await post(ofBoth)).headers.get('location')).toBe(`${configuration}?saved=yes`);
    expect(await stored()).toMatchObject({ smsAllowed: true, smsCountries: ['BE', 'NL'], smsMonthlyBudget: 12 });
    expect((await post([['twoFactorRequired', 'on']])).status).toBe(303);
    expect(await stored()).toMatchObject({ smsAllowed: false, smsCountries: ['BE', 'NL'], smsMonthlyBudget: 12 });
  });

  it('takes countries and budget each without the other', async () => {
    await set({ smsCountries: ['BE', 'NL'], smsMonthlyBudget: 12 });
    await post([...ofBoth, ...tick('DE')]);
    expect(await stored()).toMatchObject({ smsCountries: ['DE'], smsMonthlyBudget: 12 });
    await post([...ofBoth, ['smsMonthlyBudget', '13']]);
    expect(await stored()).toMatchObject({ smsCountries: ['DE'], smsMonthlyBudget: 13 });
  });

  it('needs a country while SMS is on, and keeps what was typed', async () => {
    const page = await owner.get(configuration);
    page.$('input[name="smsCountries.NL"]').removeAttr('checked');
    const refused = await owner.submit(page, 'twoFactorRequired', { smsMonthlyBudget: 'many' });
    expect(refused.status).toBe(422);
    expect(refused.alert).toMatch(/Choose at least one country/);
    expect(refused.alert).toMatch(/whole number of messages/);
    expect(refused.$('[role="alert"] a[href="#smsCountries"]')).toHaveLength(1);
    expect(refused.$('#smsCountries')).toHaveLength(1);
    expect(refused.$('title').text()).toMatch(/^Error:/);
    expect(refused.$('#smsCountries details').prop('open')).toBe(true);
    expect(ticked(refused)).toEqual([]);
    expect(budget(refused)).toBe('many');
    expect(refused.$('input[name="smsAllowed"]').prop('checked')).toBe(true);
    expect(await stored()).toMatchObject({ smsCountries: ['NL'], smsMonthlyBudget: null });
  });

  it('needs none while SMS is off', async () => {
    expect((await post([['twoFactorRequired', 'on'], marker])).status).toBe(303);
    expect(await stored()).toMatchObject({ smsAllowed: false, smsCountries: [] });
  });

  it('takes every country, and keeps those that were ticked when another field is wrong', async () => {
    const all = countries.map(({ code }) => code);
    expect((await post([...ofBoth, marker, ...tick(...all)])).status).toBe(303);
    expect((await stored()).smsCountries).toHaveLength(all.length);
    const refused = await post([...ofBoth, marker, ...tick('NL', 'DE'), ['smsMonthlyBudget', 'many']]);
    expect(refused.status).toBe(422);
    expect(ticked(refused)).toEqual(['DE', 'NL']);
    expect((await stored()).smsCountries).toHaveLength(all.length);
  });

  it.each(['XX', 'nl', 'NLD', '', '__proto__', 'constructor', 'toString', 'NL.x', '001', 'ZZ', '<b>', 'n l', 'AN'])(
    'refuses a country that is none: %s',
    async (code) => {
      const refused = await post([...ofBoth, marker, ...tick('NL', code), ['smsMonthlyBudget', '9']]);
      expect(refused).toMatchObject({ status: 422, signedInAs: 'olga' });
      expect(refused.alert).toMatch(/Choose countries from the list/);
      expect(ticked(refused)).toEqual(['NL']);
      expect(budget(refused)).toBe('9');
      expect((await post([...ofBoth, ...tick(code)])).status).toBe(422);
      expect(await stored()).toMatchObject({ smsCountries: ['NL'], smsMonthlyBudget: null });
    },
  );

  it('refuses what is sent twice, or is no tick', async () => {
    const bodies: [string, string][][] = [
      [
        ['smsCountries.NL', 'on'],
        ['smsCountries.NL', 'on'],
      ],
      [['smsCountries.NL', 'yes']],
      [['smsCountries.NL', '']],
      [
        ['smsCountries', 'listed'],
        ['smsCountries', 'listed'],
      ],
      [
        ['smsMonthlyBudget', '1'],
        ['smsMonthlyBudget', '2'],
      ],
      [
        ['smsAllowed', 'on'],
        ['smsAllowed', 'on'],
      ],
    ];
    for (const body of bodies) {
      const fields = [...ofBoth.filter(([name]) => body.every(([other]) => other !== name)), ...body];
      expect([body, (await post(fields)).status]).toEqual([body, 422]);
    }
    expect(await stored()).toMatchObject({ smsAllowed: true, smsCountries: ['NL'], smsMonthlyBudget: null });
  });

  it('ignores fields that only look like its own', async () => {
    expect((await post([...ofBoth, ['__proto__', 'x'], ['smsCountriesNL', 'on'], ['constructor.prototype', 'x']])).status).toBe(303);
    expect(await stored()).toMatchObject({ smsCountries: ['NL'], smsMonthlyBudget: null });
  });

  it('refuses fields that are nested, and saves nothing', async () => {
    for (const nested of ['smsCountries[NL]', 'smsMonthlyBudget[$gt]']) {
      const refused = await post([...ofBoth, ...tick('DE'), [nested, 'on']]);
      expect([nested, refused.status]).toEqual([nested, 422]);
    }
    expect(await stored()).toMatchObject({ smsCountries: ['NL'], smsMonthlyBudget: null });
  });

  it('refuses a budget that is no whole number of messages', async () => {
    for (const wrong of ['many', '-1', '1.5', '1,5', '1e3', '0x10', '100000000', '9'.repeat(30), '+5', '½', '٣', '1 000', 'NaN', '<b>']) {
      const refused = await post([...ofBoth, ['smsMonthlyBudget', wrong]]);
      expect([wrong, refused.status]).toEqual([wrong, 422]);
      expect(refused.$('[role="alert"] a[href="#smsMonthlyBudget"]')).toHaveLength(1);
      expect(refused.$('#smsMonthlyBudget').attr('aria-invalid')).toBe('true');
      expect(budget(refused)).toBe(wrong);
    }
    expect((await stored()).smsMonthlyBudget).toBeNull();
  });

  it('keeps the countries and the budget that are stored when the post that is refused did not speak of them', async () => {
    await set({ smsMonthlyBudget: 8 });
    expect(ticked(await post([...ofBoth, ['smsMonthlyBudget', 'many']]))).toEqual(['NL']);
    const refused = await post([...ofBoth, ...tick('DE', 'XX')]);
    expect([ticked(refused), budget(refused)]).toEqual([['DE'], '8']);
  });

  it.each([
    ['0', 0, '0'],
    ['007', 7, '7'],
    ['9999999', 9_999_999, '9999999'],
    ['', null, ''],
    ['  ', null, ''],
  ])('takes %p as a budget of %p messages, shown as %p', async (typed, kept, shown) => {
    await set({ smsMonthlyBudget: 5 });
    const saved = await save({ smsMonthlyBudget: typed });
    expect(saved.notice).toMatch(/saved/);
    expect(budget(saved)).toBe(shown);
    expect((await stored()).smsMonthlyBudget).toBe(kept);
    expect(budget(await save({}))).toBe(shown);
    expect((await stored()).smsMonthlyBudget).toBe(kept);
  });

  it('sends nothing on a budget of none', async () => {
    await set({ smsMonthlyBudget: 0 });
    const page = await owner.get(configuration);
    expect(page.text).toMatch(/0 of 0 messages/);
    expect(page.$('[data-testid="sms-month"] progress')).toHaveLength(0);
    await door.database.user.update({ where: { id: acme.olga }, data: { phoneNumber: '+31612345678' } });
    const next = door.browser();
    const refused = await next.submit(await next.signIn('olga', password), '/two-factor/challenge/sms');
    expect(refused.status).toBe(429);
    expect(refused.alert).toMatch(/used up its messages by SMS for this month\. .*Your authenticator app works now\./);
    expect(Number(refused.headers.get('retry-after'))).toBe(6.5 * 24 * 3600 - 15);
    expect(await door.database.smsMessage.count()).toBe(0);
    expect((await owner.get(configuration)).text).toMatch(/the month’s budget: 1, last 24 November 2026/);
  });

  it('sends nothing to a country that is not chosen', async () => {
    await set({ smsCountries: ['BE'] });
    await door.database.user.update({ where: { id: acme.olga }, data: { phoneNumber: '+31612345678' } });
    const next = door.browser();
    const refused = await next.submit(await next.signIn('olga', password), '/two-factor/challenge/sms');
    expect(refused.status).toBe(403);
    expect(refused.alert).toMatch(/sends no codes to numbers of this country: Netherlands/);
    expect(await door.database.smsMessage.count()).toBe(0);
  });

  it('is not taken from an agent', async () => {
    const agnes = await signIn('agnes', await enroll(door, acme.agnes));
    const token = String((await agnes.get('/')).$('input[name="_csrf"]').first().val());
    const body = new URLSearchParams({ ...both, 'smsCountries.DE': 'on', smsMonthlyBudget: '1', _csrf: token });
    expect((await agnes.send('POST', configuration, body)).status).toBe(403);
    expect(await stored()).toMatchObject({ smsCountries: ['NL'], smsMonthlyBudget: null });
  });

  it('touches no other organization', async () => {
    const globex = await addOrganization(door, 'Globex', { twoFactorRequired: true, smsAllowed: true });
    const before = await stored(globex);
    await save({ 'smsCountries.DE': 'on', smsMonthlyBudget: '3' });
    expect(await stored(globex)).toEqual(before);
    const gina = await addPerson(door, { organizationId: globex, username: 'gina', role: 'OWNER' });
    const page = await (await signIn('gina', await enroll(door, gina))).get(configuration);
    expect([ticked(page), budget(page)]).toEqual([['NL'], '']);
  });

  it('tells the owner where no provider is connected', async () => {
    expect((await owner.get(configuration)).text).not.toMatch(/No SMS provider is connected/);
    const silent = await openDoor({ environment: { SMS_PROVIDER: 'none' }, database: door.database, clock: door.clock });
    door.clock.turn(30_000);
    const adam = await signIn('adam', await enroll(door, acme.adam), silent);
    const page = await adam.get(configuration);
    expect(page.$('.warning').text()).toMatch(/No SMS provider is connected on this installation/);
    expect((await adam.submit(page, 'twoFactorRequired', { smsMonthlyBudget: '4' })).notice).toMatch(/saved/);
    await silent.close();
  });

  it('counts SMS as allowed since it was switched on last, whatever else is saved', async () => {
    const since = async () => (await stored()).smsAllowedSince;
    const off = [['twoFactorRequired', 'on']] as const;
    expect(await since()).toBeNull();
    await save({ smsMonthlyBudget: '1' });
    expect(await since()).toBeNull();
    await post(off);
    expect(await since()).toBeNull();
    door.clock.turn(minutes(1));
    await post(ofBoth);
    const first = door.clock.now();
    expect(await since()).toEqual(first);
    door.clock.turn(minutes(1));
    await post(ofBoth);
    await save({ 'smsCountries.DE': 'on' });
    await post(off);
    expect(await since()).toEqual(first);
    await post([['smsAllowed', 'on'], reason]);
    expect(await stored()).toMatchObject({ twoFactorRequired: false, smsAllowed: false, smsAllowedSince: first });
  });

  it('is written down as a change of the policy only when the policy changes', async () => {
    await save({ 'smsCountries.DE': 'on', smsMonthlyBudget: '3' });
    expect(await door.database.auditRecord.count({ where: { organizationId: acme.organizationId, kind: 'policy-changed' } })).toBe(0);
    await post([['twoFactorRequired', 'on']]);
    expect(await door.database.auditRecord.count({ where: { organizationId: acme.organizationId, kind: 'policy-changed' } })).toBe(1);
  });
});
