import { randomUUID } from 'node:crypto';
import { after, hours, minutes, seconds } from '../../src/platform/clock.js';
import type { GateFullError } from '../../src/platform/gate.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import { wait } from '../../src/platform/wording.js';
import { SmsReservations } from '../../src/sms/sms-reservations.service.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { openDoor } from '../support/door.js';
import { addOrganization } from '../support/people.js';
import { type Challenged, type NewMember, type Options, SmsDoor, smsAddress } from '../support/sms-challenge.js';

const words = {
  minute: 'A code was sent a moment ago.',
  number: 'Too many codes were sent to your number.',
  user: 'Too many codes were sent to you.',
  address: 'Too many codes were asked for from your network.',
  organization: 'Your organization has had many codes sent today.',
  budget: 'Your organization has used up its messages by SMS for this month.',
  everybody: 'Too many codes are being sent at the moment.',
} as const;

/** The whole answer at a limit: 429, the same wait in the header and in words, and the app that works now. */
function expectLimit(page: PageSeen, message: string, waitSeconds: number): void {
  expect(page).toMatchObject({ status: 429, path: smsAddress, signedInAs: undefined });
  expect(page.headers.get('retry-after')).toBe(String(waitSeconds));
  expect(page.alert).toBe(`${message} Codes can be sent again in ${wait(waitSeconds)}. Your authenticator app works now.`);
  expect(page.$('form[action="/two-factor/challenge"] input[name="code"]')).toHaveLength(1);
  expect(page.testId('send-sms')).toBeDefined();
}

describe('messages by SMS', () => {
  let sms: SmsDoor;
  let owner: Browser | undefined;
  const open = async (options: Options = {}) => {
    owner = undefined;
    sms = await SmsDoor.open(options);
  };
  afterEach(() => sms.close());

  const ago = (milliseconds: number) => after(sms.door.clock.now(), -milliseconds);
  const turn = (milliseconds: number) => sms.door.clock.turn(milliseconds);
  /** Turns the clock to an instant of 2026 in UTC, such as `11-30T23:59`. */
  const turnTo = (instant: string) => turn(new Date(`2026-${instant}:00Z`).getTime() - sms.door.clock.now().getTime());
  const sent = () => sms.vonage.requests.length;
  const expectSent = (page: PageSeen) => expect(page.testId('sms-sent')).toBeDefined();
  const newcomer = async (member: NewMember) => {
    await sms.addMember(member);
    return sms.challenge(member.username);
  };
  const setBudget = (smsMonthlyBudget: number | null) =>
    sms.door.database.organization.update({ where: { id: sms.acme.organizationId }, data: { smsMonthlyBudget } });
  /** So many members, each with a number of their own that begins with `prefix`, in the challenge. */
  const crowd = async (count: number, prefix = '+3161234') => {
    const members: Challenged[] = [];
    for (let index = 0; index < count; index += 1)
      members.push(await newcomer({ username: `member${index}`, phoneNumber: `${prefix}${1000 + index}` }));
    return members;
  };
  const monthTable = async (): Promise<string> => {
    owner ??= await sms.owner();
    const { $ } = await owner.get('/organization/configuration');
    const parts = $('[data-testid=sms-month]').find('h2, p, th, td, li').toArray();
    return parts.map((part) => $(part).text().trim()).join(' ');
  };
  const budgetMails = async () => {
    const list = JSON.parse((await sms.door.browser().get('/outbox?format=json')).body) as {
      channel: string;
      to: string;
      subject: string;
    }[];
    return list
      .filter(({ channel, subject }) => channel === 'mail' && subject.includes('messages by SMS'))
      .map(({ subject, to }) => [subject, to]);
  };
  const giveOwnerMail = () => sms.door.database.user.update({ where: { id: sms.acme.olga }, data: { email: 'olga@acme.test' } });
  /** Mail goes out after the answer. */
  const mailsSettled = async (count: number) => {
    for (let look = 0; look < 100 && (await budgetMails()).length < count; look += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await sms.door.database.mailMessage.count()).toBe(0);
    return budgetMails();
  };

  it('go out once a minute to a member, and the next one when the minute is over', async () => {
    await open();
    const agnes = await sms.challenge();
    expectSent(await agnes.askForSms());
    turn(seconds(59) + 1);
    expectLimit(await agnes.askForSms(), words.minute, 1);
    expect(sent()).toBe(1);
    turn(seconds(1) - 1);
    expectSent(await agnes.askForSms());
  });

  it('go out three times in ten minutes to a number, whoever has it', async () => {
    await open();
    const [agnes, boris] = [await sms.challenge(), await newcomer({ username: 'boris' })];
    for (const member of [agnes, boris]) expectSent(await member.askForSms());
    turn(minutes(2));
    expectSent(await agnes.askForSms());
    turn(minutes(1));
    expectLimit(await boris.askForSms(), words.number, 420);
    expect(sent()).toBe(3);
    turn(minutes(7));
    expectSent(await boris.askForSms());
  });

  it('go out five times an hour and ten times a day to a member, whatever their number was', async () => {
    await open();
    const agnes = await sms.challenge();
    await sms.addMessages({ count: 5, at: ago(minutes(40)), phoneNumber: '+31687654321' });
    expectLimit(await agnes.askForSms(), words.user, 1200);
    await sms.addMessages({ count: 5, at: ago(hours(23)), phoneNumber: '+31687654321' });
    expectLimit(await agnes.askForSms(), words.user, 3600);
    await sms.door.database.smsMessage.deleteMany({ where: { createdAt: { gt: ago(hours(1)) } } });
    await sms.addMessages({ count: 4, at: ago(hours(2)), phoneNumber: '+31687654321' });
    expectSent(await agnes.askForSms());
    turn(minutes(1));
    expectLimit(await agnes.askForSms(), words.user, 3540);
    expect(sent()).toBe(1);
  });

  it('go out sixty times an hour to one address, which is counted behind a proxy as the proxy tells', async () => {
    await open({ environment: { TRUST_PROXY: '1' } });
    const [here, there] = ['198.51.100.7', '198.51.100.8'];
    await sms.addMessages({ count: 59, at: ago(minutes(30)), userId: sms.acme.adam, phoneNumber: '+31687654321', address: here });
    const agnes = await sms.challenge('agnes', { 'x-forwarded-for': here });
    expectSent(await agnes.askForSms());
    await sms.addMember({ username: 'boris', phoneNumber: '+31611111111' });
    const boris = await sms.challenge('boris', { 'x-forwarded-for': here });
    expectLimit(await boris.askForSms(), words.address, 1800);
    expectSent(await (await sms.challenge('boris', { 'x-forwarded-for': there })).askForSms());
    expect(sent()).toBe(2);
  });

  it('go out fifty times an hour to numbers that differ in their last four digits', async () => {
    await open();
    await sms.addMessages({ count: 49, at: ago(minutes(59)), userId: sms.acme.adam, phoneNumber: '+31612340000', address: 'elsewhere' });
    const agnes = await sms.challenge();
    expectSent(await agnes.askForSms());
    const boris = await newcomer({ username: 'boris', phoneNumber: '+31612349999' });
    expectLimit(await boris.askForSms(), words.everybody, 60);
    expectSent(await (await newcomer({ username: 'claire', phoneNumber: '+31612359999' })).askForSms());
    turn(minutes(1));
    expectSent(await boris.askForSms());
  });

  it('tell of the limit that opens last when several are reached', async () => {
    await open();
    const agnes = await sms.challenge();
    await sms.addMessages({ count: 3, at: ago(seconds(10)) });
    expectLimit(await agnes.askForSms(), words.number, 590);
  });

  it('leave an organization half of the installation’s day, and at least a hundred', async () => {
    await open({ environment: { SMS_DAILY_CAP: '240' } });
    const elsewhere = { userId: sms.acme.adam, phoneNumber: '+31687654321', address: 'elsewhere' };
    await sms.addMessages({ count: 119, at: ago(hours(11)), ...elsewhere });
    const [agnes, boris] = [await sms.challenge(), await newcomer({ username: 'boris', phoneNumber: '+31611111111' })];
    expectSent(await agnes.askForSms());
    expectLimit(await boris.askForSms(), words.organization, 43_185);
    const organizationId = await addOrganization(sms.door, 'Globex', { twoFactorRequired: true, smsAllowed: true });
    expectSent(await (await newcomer({ username: 'gina', phoneNumber: '+31622222222', organizationId })).askForSms());
    expect(await monthTable()).toMatch(/the organization’s share of the day: 1,/);
  });

  it('stop at the installation’s cap for the day, which begins anew at midnight UTC', async () => {
    await open({ environment: { SMS_DAILY_CAP: '2' } });
    turnTo('11-24T23:58');
    const [agnes, boris] = [await sms.challenge(), await newcomer({ username: 'boris', phoneNumber: '+31611111111' })];
    const claire = await newcomer({ username: 'claire', phoneNumber: '+31622222222' });
    for (const member of [agnes, boris]) expectSent(await member.askForSms());
    turn(minutes(1));
    expectLimit(await claire.askForSms(), words.everybody, 60);
    turn(minutes(1) - 1);
    expectLimit(await claire.askForSms(), words.everybody, 1);
    expect(sent()).toBe(2);
    turn(1);
    expectSent(await claire.askForSms());
    turn(minutes(1));
    expectSent(await agnes.askForSms());
    expectLimit(await boris.askForSms(), words.everybody, 86_340);
  });

  it('are not sent at all where the installation’s cap is nought', async () => {
    await open({ environment: { SMS_DAILY_CAP: '0' } });
    expectLimit(await (await sms.challenge()).askForSms(), words.everybody, 43_185);
    expect(sent()).toBe(0);
  });

  it('stop at the month’s budget, which begins anew with the month in UTC', async () => {
    await open();
    await setBudget(2);
    turnTo('11-30T23:55');
    await sms.addMessages({ count: 1, at: new Date('2026-11-01T00:00:00Z'), userId: sms.acme.adam, phoneNumber: '+31687654321' });
    await sms.addMessages({ count: 5, at: new Date('2026-10-31T23:59:59.999Z'), userId: sms.acme.adam, phoneNumber: '+31687654321' });
    const agnes = await sms.challenge();
    expectSent(await agnes.askForSms());
    turn(minutes(2));
    expectLimit(await agnes.askForSms(), words.budget, 180);
    expect(await monthTable()).toMatch(
      /November 2026.*2 of 2 messages of this month’s budget are used.*the month’s budget: 1, last 30 November 2026, 23:57 UTC/,
    );
    turn(minutes(3) - 1);
    expectLimit(await agnes.askForSms(), words.budget, 1);
    expect(sent()).toBe(1);
    turn(1);
    expectSent(await agnes.askForSms());
    expect(await monthTable()).toMatch(/December 2026.*1 of 2 messages/);
  });

  it('are not sent at all with a budget of nought, and without a budget there is no limit a month', async () => {
    await open();
    const agnes = await sms.challenge();
    await setBudget(0);
    expectLimit(await agnes.askForSms(), words.budget, 561_585);
    expect(await monthTable()).toMatch(/0 of 0 messages/);
    await setBudget(null);
    expectSent(await agnes.askForSms());
    expect(await monthTable()).not.toMatch(/budget are used/);
  });

  it('are counted by one organization’s budget and not by another’s', async () => {
    await open();
    await setBudget(1);
    const organizationId = await addOrganization(sms.door, 'Globex', { twoFactorRequired: true, smsAllowed: true });
    const gina = await newcomer({ username: 'gina', phoneNumber: '+31622222222', organizationId });
    for (const member of [await sms.challenge(), gina]) expectSent(await member.askForSms());
    turn(minutes(1));
    expectSent(await gina.askForSms());
  });

  it('are told to the owners at the next try where the process that sent the last one died', async () => {
    await open();
    await setBudget(2);
    await giveOwnerMail();
    const agnes = await sms.challenge();
    await sms.addMessages({ count: 2, at: ago(minutes(20)), state: 'UNKNOWN' });
    for (let count = 0; count < 2; count += 1) expect(await agnes.askForSms()).toMatchObject({ status: 429 });
    expect(await mailsSettled(1)).toEqual([[expect.stringContaining('used up'), 'olga@acme.test']]);
  });

  it('of one member who floods the door keep nobody else waiting', async () => {
    await open();
    const boris = await sms.addMember({ username: 'boris', phoneNumber: '+31687654321' });
    // Eighty pages would keep the test's own process busy for longer than the provider is waited for.
    const reserve = (userId: string) =>
      sms.door.app.get(SmsReservations).reserve(
        {
          id: randomUUID(),
          organizationId: sms.acme.organizationId,
          userId,
          country: 'NL',
          numberKey: userId,
          prefixKey: userId,
          addressKey: userId,
          postDigest: null,
          createdAt: sms.door.clock.now(),
        },
        '127.0.0.1',
      );
    const outcomeOf = ({ outcome }: { readonly outcome: string }) => outcome;
    const flood = Array.from({ length: 80 }, () => reserve(sms.acme.agnes).then(outcomeOf, (error: GateFullError) => error.code));
    expect(await reserve(boris)).toEqual({ outcome: 'reserved' });
    const outcomes = await Promise.all(flood);
    expect(outcomes.filter((outcome) => outcome === 'reserved')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'limited')).toHaveLength(50);
    expect(outcomes.filter((outcome) => outcome === 'GATE_FULL')).toHaveLength(29);
  });

  it('to a number that another platform wrote in two ways are counted, and dialled, as one', async () => {
    await open();
    const [agnes, boris] = [await sms.challenge(), await newcomer({ username: 'boris', phoneNumber: '+310612345678' })];
    expectSent(await boris.askForSms());
    expect(sms.vonage.requests.at(-1)?.to).toBe('31612345678');
    await sms.addMessages({ count: 2, at: ago(minutes(2)), userId: sms.acme.olga });
    expectLimit(await agnes.askForSms(), words.number, 480);
  });

  describe('that the provider', () => {
    it('refused are on no bill and keep nobody waiting', async () => {
      await open();
      await setBudget(2);
      const agnes = await sms.challenge();
      await sms.addMessages({ count: 60, at: ago(seconds(10)), state: 'REFUSED' });
      expectSent(await agnes.askForSms());
    });

    it('did not answer to are on the bill, and keep nobody waiting', async () => {
      await open();
      await setBudget(11);
      const agnes = await sms.challenge();
      await sms.addMessages({ count: 10, at: ago(seconds(10)), state: 'UNANSWERED' });
      expectSent(await agnes.askForSms());
      expectLimit(await agnes.askForSms(), words.budget, 561_585);
    });

    it('answered to and nobody can read are on the bill, and count for their member but for the minute', async () => {
      await open();
      const agnes = await sms.challenge();
      await sms.addMessages({ count: 3, at: ago(seconds(10)), state: 'UNKNOWN' });
      expectLimit(await agnes.askForSms(), words.number, 590);
    });

    it('did not speak of are on the bill, and keep nobody waiting for a minute', async () => {
      await open();
      await setBudget(3);
      const agnes = await sms.challenge();
      await sms.addMessages({ count: 2, at: ago(seconds(10)), state: 'UNKNOWN' });
      expectSent(await agnes.askForSms());
      expectLimit(await agnes.askForSms(), words.budget, 561_585);
    });

    it('is still taking, took or could not deliver are counted', async () => {
      await open();
      const agnes = await sms.challenge();
      for (const state of ['SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED'] as const) {
        await sms.door.database.smsMessage.deleteMany();
        await sms.addMessages({ count: 1, at: ago(seconds(10)), state });
        expectLimit(await agnes.askForSms(), words.minute, 50);
      }
      expect(sent()).toBe(0);
    });
  });

  it('whose process died are given up after a while, and keep nobody waiting', async () => {
    await open();
    const agnes = await sms.challenge();
    await sms.addMessages({ count: 5, at: ago(minutes(10)), state: 'SENDING' });
    await sms.addMessages({ count: 2, at: ago(minutes(10) - 1), state: 'SENDING' });
    expectLimit(await agnes.askForSms(), words.user, 3_000);
    await sms.door.app.get(Sweeper).sweepAll();
    expect(await sms.states()).toEqual([...Array<string>(2).fill('SENDING'), ...Array<string>(5).fill('UNANSWERED')]);
    expectSent(await agnes.askForSms());
  });

  it('are counted exactly when a crowd asks at once', async () => {
    await open({ environment: { SMS_DAILY_CAP: '7' } });
    const members = await crowd(12);
    const answers = await Promise.all(members.map((member) => member.postForSms()));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(7).fill(303), ...Array<number>(5).fill(429)]);
    expect(sent()).toBe(7);
    expect(await monthTable()).toMatch(/the installation’s cap for the day: 5,/);
  });

  it('are counted exactly when a crowd asks at once at two copies of the product', async () => {
    const environment = { SMS_DAILY_CAP: '5' };
    await open({ environment });
    const members = await crowd(10);
    const { database, clock } = sms.door;
    const copy = await openDoor({ environment: { ...sms.vonage.environment, ...environment }, database, clock });
    const posts = members.map((member, index) => {
      const browser = copy.browser();
      for (const [name, value] of member.browser.cookies) browser.cookies.set(name, value);
      return member.postForSms(member.page, index % 2 ? browser : member.browser);
    });
    expect((await Promise.all(posts)).filter(({ status }) => status === 303)).toHaveLength(5);
    expect(sent()).toBe(5);
    await copy.close();
  });

  it('use up a budget exactly when a crowd asks at once, and owners are told once', async () => {
    await open();
    await giveOwnerMail();
    await setBudget(5);
    const members = await crowd(8);
    const answers = await Promise.all(members.map((member) => member.postForSms()));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(5);
    expect(sent()).toBe(5);
    const mails = await mailsSettled(1);
    expect(mails.filter(([subject]) => subject === 'This month’s messages by SMS are used up')).toHaveLength(1);
    // Where the fifth is taken before the fourth is counted, there is no 80 percent to tell of.
    expect(mails.length).toBeLessThanOrEqual(2);
    expect(new Set(mails.map(([subject]) => subject)).size).toBe(mails.length);
  });

  it('tell every owner at 80 and at 100 percent of a budget, once each a month and a budget', async () => {
    await open();
    await giveOwnerMail();
    await sms.door.database.user.update({ where: { id: sms.acme.adam }, data: { email: 'adam@acme.test' } });
    await setBudget(10);
    await sms.addMessages({ count: 6, at: ago(hours(30)), userId: sms.acme.adam, phoneNumber: '+31687654321' });
    const [agnes, boris, claire, dora] = await crowd(4);
    for (const member of [agnes, boris, claire]) expectSent(await member!.askForSms());
    expect(await mailsSettled(1)).toEqual([['80 % of this month’s messages by SMS are used', 'olga@acme.test']]);
    expectSent(await dora!.askForSms());
    turn(minutes(1));
    expectLimit(await dora!.askForSms(), words.budget, 561_525);
    expect(await mailsSettled(2)).toHaveLength(2);
    await setBudget(11);
    expectSent(await dora!.askForSms());
    expect((await mailsSettled(3)).map(([subject]) => subject).sort()).toEqual([
      '80 % of this month’s messages by SMS are used',
      'This month’s messages by SMS are used up',
      'This month’s messages by SMS are used up',
    ]);
  });

  it('that the provider refused use up no budget, and no owner is told so', async () => {
    await open();
    await giveOwnerMail();
    await setBudget(1);
    const agnes = await sms.challenge();
    sms.vonage.mood = { kind: 'refuses', status: '9' };
    expect((await agnes.askForSms()).status).toBe(503);
    expect(await mailsSettled(0)).toEqual([]);
    sms.vonage.mood = { kind: 'accepts' };
    expectSent(await agnes.askForSms());
    expect(await mailsSettled(1)).toEqual([['This month’s messages by SMS are used up', 'olga@acme.test']]);
  });

  it('raise an alarm in the log at 80 percent of the installation’s day', async () => {
    const log: string[] = [];
    await open({ environment: { SMS_DAILY_CAP: '5' }, readLog: (line) => void log.push(line) });
    const alarms = () => log.filter((line) => line.includes('sms daily cap nearly reached')).length;
    const members = await crowd(5);
    for (const [index, member] of members.entries()) {
      expectSent(await member.askForSms());
      expect(alarms()).toBe(index < 3 ? 0 : 1);
    }
    turn(minutes(1));
    expectLimit(await members[0]!.askForSms(), words.everybody, 43_125);
    const refusal = log.find((line) => line.includes('sms limit reached'));
    expect(JSON.parse(refusal ?? '{}')).toMatchObject({ security: true, limit: 'installation-day', organization: sms.acme.organizationId });
    expect(log.join('')).not.toMatch(/61234100\d/);
  });

  it('have a hundred times the room for a person where limits are relaxed', async () => {
    await open({ environment: { LIMITS: 'relaxed' } });
    const agnes = await sms.challenge();
    for (let count = 0; count < 6; count += 1) expectSent(await agnes.askForSms());
    await sms.addMessages({ count: 93, at: ago(seconds(10)) });
    expectSent(await agnes.askForSms());
    expectLimit(await agnes.askForSms(), words.minute, 50);
    expect(sent()).toBe(7);
  });

  describe('go to no', () => {
    it.each([
      ['number of another country', '+4915123456789', 'Your organization sends no codes to numbers of this country: Germany.'],
      ['premium number', '+319001234567', 'The number in your profile takes no SMS.'],
      ['premium number of ten digits', '+319061234', 'The number in your profile takes no SMS.'],
      ['toll-free number', '+318001234', 'The number in your profile takes no SMS.'],
      ['fixed line', '+31201234567', 'The number in your profile takes no SMS.'],
      ['toll-free number of the United States', '+18005550199', 'The number in your profile takes no SMS.'],
      ['satellite telephone', '+881612345678', 'The number in your profile takes no SMS.'],
      ['number that cannot be', '+3161', 'The number in your profile takes no SMS.'],
    ])('%s', async (_, phoneNumber, message) => {
      await open();
      await sms.door.database.user.update({ where: { id: sms.acme.agnes }, data: { phoneNumber } });
      const refused = await (await sms.challenge()).askForSms();
      expect(refused).toMatchObject({ status: 403, path: smsAddress });
      expect(refused.alert).toBe(`${message} Your authenticator app works now.`);
      expect(refused.headers.get('retry-after')).toBeNull();
      expect(sent()).toBe(0);
      expect(await sms.states()).toEqual([]);
      expect(await sms.door.database.smsRefusal.findMany({ select: { reason: true, count: true } })).toEqual([
        { reason: message.includes('Germany') ? 'country' : 'number-kind', count: 1 },
      ]);
    });
  });

  it('go to a country from the moment it is on the list', async () => {
    await open();
    await sms.door.database.user.update({ where: { id: sms.acme.agnes }, data: { phoneNumber: '+4915123456789' } });
    const agnes = await sms.challenge();
    expect((await agnes.askForSms()).status).toBe(403);
    const setCountries = (smsCountries: string[]) =>
      sms.door.database.organization.update({ where: { id: sms.acme.organizationId }, data: { smsCountries } });
    await setCountries(['DE', 'NL']);
    expectSent(await agnes.askForSms());
    expect(sms.vonage.requests.at(-1)?.to).toBe('4915123456789');
    expect(await monthTable()).toMatch(/Germany 1 0 0 0 0/);
    await setCountries([]);
    expect((await agnes.askForSms()).status).toBe(403);
    expect(await monthTable()).toMatch(/a country that codes may not go to: 2,/);
  });
});
