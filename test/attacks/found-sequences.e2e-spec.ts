/**
 * Sequences of acts that chance found (see `test/fuzz`) where a rule was missing or had been taken out, and a few that it would
 * take long to find, each cut down to what it needs. After every act, server and promise have to agree on what every browser
 * may see.
 */
import { type Door, openDoor } from '../support/door.js';
import type { Act } from '../fuzz/acts.js';
import type { Stage } from '../fuzz/promise.js';
import { play } from '../fuzz/sequences.js';
import type { Beginning } from '../fuzz/world.js';

const [olga, agnes] = [0, 2];
const everybody = [true, true, true, true];
const asked: Beginning = { required: true, smsAllowed: true, enrolled: everybody, numbers: everybody, emails: everybody };

type Told = Partial<Act> & Pick<Act, 'do' | 'browser'>;
const act = (told: Told) => ({ tab: 0, isReady: false, isFresh: true, isProven: false, isQuiet: false, ...told }) as Act;
const goOn = (browser: number, user: number) => ({ do: 'go on', browser, user }) as const;
/** Past the challenge. */
const signIn = (browser: number, user: number) => [goOn(browser, user), goOn(browser, user)];
/** What it is called, what is done, where the browsers stand then, and what has to have happened on the way. */
type Found = [string, readonly Told[], readonly Stage[], readonly string[]];
const policy = (more: { required: boolean; smsAllowed: boolean }) => ({ do: 'policy', browser: 0, from: 'as it is', ...more }) as const;
const bySms = (browser: number) =>
  [
    { do: 'ask for sms', browser },
    { do: 'answer', browser, code: 'sms' },
  ] as const;

describe('a sequence that was found', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  it.each<Found>([
    [
      'a code that opened the challenge is none in a step-up',
      [...signIn(0, olga), { do: 'step up', browser: 0, by: 'used' }],
      ['member'],
      [],
    ],
    [
      'a link to a new password ends the sessions of other browsers, those at the challenge too',
      [...signIn(0, olga), goOn(1, olga), { do: 'forgot password', browser: 2, user: olga }],
      ['nobody', 'nobody', 'nobody'],
      [],
    ],
    [
      'a challenge is over after 15 minutes, whatever was typed meanwhile',
      [goOn(0, olga), { do: 'recover', browser: 0, by: 'wrong' }, { do: 'wait', browser: 0, seconds: 900 }],
      ['nobody'],
      [],
    ],
    [
      'a challenge leads to setting nothing up',
      [goOn(0, olga), { do: 'enroll', browser: 0, code: 'pending' }, { do: 'replace', browser: 0, code: 'pending' }],
      ['challenge'],
      [],
    ],
    [
      'a sign-in by SMS is asked again when SMS is not allowed any more, and stays so when it is again',
      [
        goOn(1, agnes),
        ...bySms(1),
        ...signIn(0, olga),
        policy({ required: true, smsAllowed: false }),
        policy({ required: true, smsAllowed: true }),
      ],
      ['member', 'challenge'],
      ['challenge posts /two-factor/challenge/sms: 303 /two-factor/challenge', 'challenge posts /two-factor/challenge: 303 in'],
    ],
    [
      'a code that went to the old number opens nothing once the number is another one, and back',
      [
        ...signIn(2, agnes),
        goOn(1, agnes),
        { do: 'ask for sms', browser: 1 },
        { do: 'change number', browser: 2, which: 0 },
        { do: 'change number', browser: 2, which: 1 },
        { do: 'answer', browser: 1, code: 'sms' },
      ],
      ['nobody', 'challenge', 'member'],
      ['member posts /profile/details: 303 /profile/details', 'challenge posts /two-factor/challenge: 401'],
    ],
    [
      'a replaced authenticator is asked for in every other browser',
      [...signIn(0, olga), ...signIn(1, olga), { do: 'replace', browser: 0, code: 'pending' }],
      ['member', 'challenge'],
      [],
    ],
    [
      'a cookie that was copied at the challenge is dead once its owner is in',
      [goOn(0, olga), { do: 'copy the cookie', browser: 0, to: 3 }, goOn(0, olga)],
      ['member', 'nobody', 'nobody', 'nobody'],
      [],
    ],
    [
      'a form that waits for a step-up is not finished by who is no manager any more',
      [
        ...signIn(1, 1),
        { do: 'wait', browser: 1, seconds: 600 },
        { do: 'manage', browser: 1, what: 'deactivate', user: agnes },
        ...signIn(0, olga),
        { do: 'manage', browser: 0, what: 'AGENT', user: 1 },
        { do: 'step up', browser: 1, by: 'next' },
      ],
      ['member', 'member'],
      ['member posts /step-up: 403'],
    ],
  ])('%s', async (_, told, stages, happened) => {
    const world = await play(door, { beginning: asked, acts: told.map(act) });
    expect(world.told.map((line) => line.trim())).toEqual(expect.arrayContaining([...happened]));
    expect(stages.map((__, index) => world.stageOf(world.windows[index]!))).toEqual(stages);
  });
});
