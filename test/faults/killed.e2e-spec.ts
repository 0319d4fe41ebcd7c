/**
 * What each act promises when its process dies at any write of it: it is done as a whole or not at all; nobody is in who has not
 * shown what was asked for; and its person goes on by doing the same once more. A try that was charged by a process that died
 * stays charged, because nobody knows whether the code was compared: the next right code ends the row.
 */
import { hash } from 'bcrypt';
import { TOTP } from 'otpauth';
import { Browser, type PageSeen } from '../support/browser.js';
import { type CommandLine, openCommandLine } from '../support/command-line.js';
import { password } from '../support/people.js';
import { type Post, postOf, repeat, Victim } from '../support/victim.js';

const key = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const chosen = 'seven quiet herons wading';
const isEmbedded = process.env.TEST_DATABASE !== 'postgres';
const challenge = '/two-factor/challenge';
/** A start takes a second or two, and ten where the machine is busy. */
const slow = 600_000;
const setupLinkPrinted = /setup\?token=\S+\n/;

let commands: CommandLine;
let victim: Victim;
/** Each kill has people of its own. */
let counter = 0;

const codeOf = (secret: string) => new TOTP({ secret }).generate();
const browser = () => new Browser(victim.base);
const codesOn = ({ $ }: PageSeen) =>
  $('[data-testid="recovery-code"]')
    .toArray()
    .map((element) => $(element).text());

async function enter(username: string, secret = password): Promise<[Browser, PageSeen]> {
  const entered = browser();
  return [entered, await entered.signIn(username, secret)];
}

/** Signs in with a code, by a proof that is fresh. */
async function owner(number: number): Promise<Browser> {
  const [entered, page] = await enter(`owner-${number}`);
  await entered.submit(page, 'code', { code: codeOf(key) });
  return entered;
}

/**
 * The same post once more, as a reload sends it: for 30 seconds its twin is led where the first one led. On a slow machine the
 * start took longer than that: then the person signs in anew, with the code of a later step.
 */
async function goOn(post: Post, username: string, secret = key): Promise<Browser> {
  if ((await repeat(post)).signedInAs === username) return post.browser;
  const [again, page] = await enter(username);
  expect((await again.submit(page, 'code', { code: codeOf(secret) })).signedInAs).toBe(username);
  return again;
}

const recoveryCodesLeft = async (signedIn: Browser) =>
  /Recovery codes (\d+) left/.exec((await signedIn.get('/profile/security')).text)?.[1];

type Sent = { readonly channel: string; readonly to: string; readonly text: string };
async function sentTo(to: string): Promise<readonly Sent[]> {
  const all = JSON.parse((await browser().get('/outbox?format=json')).body) as Sent[];
  return all.filter((sent) => sent.to === to);
}
async function linkTo(address: string): Promise<string> {
  for (;;) {
    const found = (await sentTo(address))
      .flatMap(({ text }) => /https?:\/\/\S+\?token=[\w-]+/.exec(text) ?? [])
      .map((each) => new URL(each));
    if (found[0]) return found[0].pathname + found[0].search;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** What is ready to go, and what has to be true after a kill: `isDone` when the deciding commit was carried out. */
type Prepared = { readonly post: Post; check(isDone: boolean): Promise<void> };
type Act = {
  readonly name: string;
  /** At each boundary between two commits, or around the last one alone: what lies between is rolled back alike. */
  readonly at: 'each' | 'last';
  /** The statements are the same on both databases, and a start of the embedded one takes long: there, some acts stand for all. */
  readonly onEmbedded?: boolean;
  prepare(number: number): Promise<Prepared>;
};

const acts: readonly Act[] = [
  {
    name: 'a code at the challenge',
    at: 'each',
    onEmbedded: true,
    prepare: async (number) => {
      const [adam, page] = await enter(`enrolled-${number}`);
      const post = postOf(adam, page, 'code', { code: codeOf(key) });
      return {
        post,
        check: async (isDone) => {
          const [thief, asked] = await enter(`enrolled-${number}`);
          // Used up with the session that it raised, or unused.
          if (isDone) expect((await thief.submit(asked, 'code', { code: String(post.values.code) })).status).toBe(401);
          else expect((await adam.get('/')).path).toBe(challenge);
          await goOn(post, `enrolled-${number}`);
        },
      };
    },
  },
  {
    name: 'the first code of an enrollment',
    at: 'last',
    onEmbedded: true,
    prepare: async (number) => {
      const [agnes, page] = await enter(`new-${number}`);
      const post = postOf(agnes, page, 'code', { code: codeOf(page.key) });
      return {
        post,
        check: async (isDone) => {
          const [, elsewhere] = await enter(`new-${number}`);
          expect(elsewhere.path).toBe(isDone ? challenge : '/two-factor/enroll');
          if (!isDone) expect((await agnes.get('/')).key).toBe(page.key);
          expect(await recoveryCodesLeft(await goOn(post, `new-${number}`, page.key))).toBe('10');
        },
      };
    },
  },
  {
    name: 'a recovery code',
    at: 'last',
    prepare: async (number) => {
      const [rita, page] = await enter(`new-${number}`);
      const [recoveryCode = ''] = codesOn(await rita.submit(page, 'code', { code: codeOf(page.key) }));
      const [again] = await enter(`new-${number}`);
      const post = postOf(again, await again.get('/two-factor/recovery'), 'recoveryCode', { recoveryCode });
      return {
        post,
        check: async (isDone) => {
          expect(await recoveryCodesLeft(rita)).toBe(isDone ? '9' : '10');
          await goOn(post, `new-${number}`, page.key);
          expect(await recoveryCodesLeft(rita)).toBe('9');
        },
      };
    },
  },
  {
    name: 'a code by SMS is sent',
    at: 'last',
    prepare: async (number) => {
      const [sam, page] = await enter(`enrolled-${number}`);
      return {
        post: postOf(sam, page, `${challenge}/sms`),
        check: async () => {
          expect((await sam.get('/')).path).toBe(challenge);
          const asked = await sam.submit(await sam.get(challenge), `${challenge}/sms`);
          expect(asked.testId('sms-sent')).toBeDefined();
          const [newest] = await sentTo(numberOf(number));
          expect((await sam.submit(asked, 'code', { code: newest?.text.slice(0, 6) ?? '' })).signedInAs).toBe(`enrolled-${number}`);
        },
      };
    },
  },
  {
    name: 'a code by SMS',
    at: 'last',
    prepare: async (number) => {
      const [sam, page] = await enter(`enrolled-${number}`);
      const asked = await sam.submit(page, `${challenge}/sms`);
      const [newest] = await sentTo(numberOf(number));
      const post = postOf(sam, asked, 'code', { code: newest?.text.slice(0, 6) ?? '' });
      return {
        post,
        check: async (isDone) => {
          if (!isDone) expect((await sam.get('/')).path).toBe(challenge);
          await goOn(post, `enrolled-${number}`);
        },
      };
    },
  },
  {
    name: 'a new password by a link',
    at: 'last',
    onEmbedded: true,
    prepare: async (number) => {
      await browser().visitAndSubmit('/password/forgot', 'username', { username: `enrolled-${number}` });
      const link = await linkTo(`enrolled-${number}@acme.test`);
      const linked = browser();
      const [session] = await enter(`enrolled-${number}`);
      const post = postOf(linked, await linked.get(link), 'password', { password: chosen });
      return {
        post,
        check: async (isDone) => {
          const [, byOld] = await enter(`enrolled-${number}`);
          const [, byNew] = await enter(`enrolled-${number}`, chosen);
          expect([byOld.status, byNew.status]).toEqual(isDone ? [401, 200] : [200, 401]);
          expect((isDone ? byNew : byOld).path).toBe(challenge);
          expect((await session.get('/')).path).toBe(isDone ? '/login' : challenge);
          expect((await browser().get(link)).status).toBe(isDone ? 404 : 200);
          expect((await repeat(post)).path).toBe('/login');
          expect((await enter(`enrolled-${number}`, chosen))[1].path).toBe(challenge);
        },
      };
    },
  },
  {
    name: 'a reset of two-factor by an administrator',
    at: 'last',
    prepare: async (number) => {
      const [member, page] = await enter(`enrolled-${number}`);
      const olga = await owner(number);
      const people = await olga.get(`/organization/people?search=enrolled-${number}`);
      const action = `/organization/people/enrolled-${number}/reset-two-factor`;
      const values = { _csrf: String(people.$('input[name="_csrf"]').first().val()), reason: 'lost the phone', newPasswordOffered: 'yes' };
      const post = { browser: olga, action, values };
      return {
        post,
        check: async (isDone) => {
          expect((await member.get('/')).path).toBe(isDone ? '/login' : challenge);
          const [, elsewhere] = await enter(`enrolled-${number}`);
          expect(elsewhere.path).toBe(isDone ? '/two-factor/enroll' : page.path);
          await repeat(post);
          expect((await enter(`enrolled-${number}`))[1].path).toBe('/two-factor/enroll');
        },
      };
    },
  },
  {
    name: 'an invitation is accepted',
    at: 'last',
    prepare: async (number) => {
      const address = `invited-${number}@acme.test`;
      const olga = await owner(number);
      await olga.visitAndSubmit('/organization/people/invite', 'emails', { emails: address, role: 'AGENT' });
      const link = await linkTo(address);
      const nina = browser();
      const fields = { name: 'Nina', username: `invited-${number}`, password: chosen };
      const post = postOf(nina, await nina.get(link), 'username', fields);
      return {
        post,
        check: async (isDone) => {
          const [, entered] = await enter(`invited-${number}`, chosen);
          expect(entered.path).toBe(isDone ? '/two-factor/enroll' : '/login');
          expect((await browser().get(link)).status).toBe(isDone ? 404 : 200);
          await repeat(post);
          expect((await enter(`invited-${number}`, chosen))[1].path).toBe('/two-factor/enroll');
        },
      };
    },
  },
  {
    name: 'the policy is switched',
    at: 'last',
    prepare: async (number) => {
      const olga = await owner(number);
      const page = await olga.get('/organization/configuration');
      const isOn = (shown: PageSeen) => shown.$('input[name="smsAllowed"]').attr('checked') !== undefined;
      const before = isOn(page);
      const post = postOf(olga, page, 'smsAllowed', { smsMonthlyBudget: String(1_000 + number) });
      const values: Record<string, string> = { ...post.values };
      if (before) delete values.smsAllowed;
      else values.smsAllowed = 'on';
      return {
        post: { ...post, values },
        check: async (isDone) => {
          const after = await olga.get('/organization/configuration');
          expect([isOn(after), after.$('input[name="smsMonthlyBudget"]').val() === String(1_000 + number)]).toEqual([
            isDone ? !before : before,
            isDone,
          ]);
          await repeat({ ...post, values });
          expect(isOn(await olga.get('/organization/configuration'))).toBe(!before);
        },
      };
    },
  },
];

function numberOf(number: number): string {
  return `+316${10_000_000 + number}`;
}

/** Before the first write, after each commit, and right before the last one: what lies between two of these ends alike. */
function boundaries(writes: readonly string[], at: Act['at']): number[] {
  const ends: number[] = [];
  let isOpen = false;
  writes.forEach((write, index) => {
    if (write.startsWith('BEGIN')) isOpen = true;
    else if (write.startsWith('COMMIT')) isOpen = false;
    if (!isOpen) ends.push(index + 2);
  });
  const last = lastCommit(writes) + 1;
  const points = at === 'last' || isEmbedded ? [last, last + 1] : [1, last, ...ends];
  return [...new Set(points)].sort((a, b) => a - b);
}

/** Also a statement that is a transaction of its own. */
const isCommit = (write: string) => write.startsWith('COMMIT') || write.startsWith('WITH held');
const lastCommit = (writes: readonly string[]) => writes.findLastIndex(isCommit);
const commits = (writes: readonly string[]) => writes.filter(isCommit).length;

beforeAll(async () => {
  commands = await openCommandLine();
  victim = await Victim.of(commands);
  await victim.start(setupLinkPrinted);
});
afterAll(async () => {
  await victim.stop();
  await commands.close();
});

describe('a process that is killed', () => {
  it('while the organization is set up leaves none, or a whole one', async () => {
    const owner = { organizationName: 'Acme', name: 'Olga', username: 'olga', email: 'olga@acme.test', password };
    const postSetup = async () => {
      const visitor = browser();
      return postOf(visitor, await visitor.get(victim.setupLink), 'organizationName', owner);
    };
    expect(commits(await victim.killAt(await postSetup(), 'commit'))).toBe(0);
    await victim.start(setupLinkPrinted);
    expect((await enter('olga'))[1].status).toBe(401);
    const writes = await victim.killAt(await postSetup(), 'committed');
    expect(commits(writes)).toBe(1);
    await victim.start();
    expect(victim.setupLink).toBe('');
    expect((await enter('olga'))[1].signedInAs).toBe('olga');
  });

  it('leaves people to go on with', async () => {
    await victim.stop();
    const passwordHash = await hash(password, 4);
    const user = { type: 'user', organization: 'acme', role: 'AGENT', passwordHash };
    const lines = Array.from({ length: 50 }, (_, number) => [
      { ...user, username: `new-${number}`, name: 'New' },
      { ...user, username: `owner-${number}`, name: 'Owner', role: 'OWNER', totpSecret: key },
      {
        ...user,
        username: `enrolled-${number}`,
        name: 'Enrolled',
        email: `enrolled-${number}@acme.test`,
        phoneNumber: numberOf(number),
        smsEnabled: true,
        totpSecret: key,
      },
    ]).flat();
    const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(await commands.run(['import', '-'], { input })).toMatchObject({ code: 0, stderr: '' });
    await victim.start();
    const [entered] = await enter('olga');
    const policy = { twoFactorRequired: 'on', smsAllowed: 'on' };
    const page = await entered.visitAndSubmit('/organization/configuration', 'twoFactorRequired', policy);
    expect((await entered.submit(page, 'code', { code: codeOf(page.key) })).signedInAs).toBe('olga');
  });

  it.each(acts.filter(({ onEmbedded }) => onEmbedded || !isEmbedded))(
    'at any write of this leaves it done or not done: $name',
    async ({ at, prepare }) => {
      const rehearsal = await prepare((counter += 1));
      const writes = await victim.perform(rehearsal.post);
      expect(lastCommit(writes)).toBeGreaterThan(0);
      for (const point of boundaries(writes, at)) {
        const { post, check } = await prepare((counter += 1));
        const carriedOut = await victim.killAt(post, point);
        await victim.start();
        await check(commits(carriedOut) === commits(writes)).catch((error: unknown) => {
          throw new Error(`killed after ${JSON.stringify(carriedOut)} of ${JSON.stringify(writes)}: ${String(error)}`);
        });
      }
    },
    slow,
  );

  it('leaves a whole audit, and a database that opens', async () => {
    await victim.stop();
    const { code, stdout } = await commands.run(['audit', 'verify', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { broken: null }]);
  });
});
