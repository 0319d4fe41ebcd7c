/** Sequences of acts by chance: how they begin, what is done, in which browser and tab. */
import fc from 'fast-check';
import { type Act, Acting, codeKinds } from './acts.js';
import type { Door } from '../support/door.js';
import { type Beginning, usernames, World } from './world.js';

export const mostActs = 25;
export type Sequence = { readonly beginning: Beginning; readonly acts: readonly Act[] };

const flags = fc.tuple(...usernames.map(() => often(true)));
const beginning: fc.Arbitrary<Beginning> = fc.record({
  required: often(true),
  smsAllowed: often(true),
  enrolled: flags,
  numbers: flags,
  emails: flags,
});

const where = {
  browser: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 2, 3),
  tab: fc.nat({ max: 1 }),
  isReady: often(true),
  isFresh: often(true),
  isProven: often(true),
  isQuiet: often(false),
};
const user = fc.nat({ max: usernames.length - 1 });
const code = fc.constantFrom(...codeKinds);
/** Where an act takes a code, it is the right one as often as not. */
const mostlyRight = (right: (typeof codeKinds)[number]) => fc.oneof(fc.constant(right), code);

const kinds: readonly fc.WeightedArbitrary<Act>[] = [
  weighted(8, { do: fc.constant('go on' as const), user }),
  weighted(4, { do: fc.constant('sign in' as const), user, isRight: often(true) }),
  weighted(3, { do: fc.constant('enroll' as const), code: mostlyRight('pending') }),
  weighted(5, { do: fc.constant('answer' as const), code: mostlyRight('sms') }),
  weighted(3, { do: fc.constant('replace' as const), code: mostlyRight('pending') }),
  weighted(3, { do: fc.constantFrom('choose' as const, 'leave' as const), code: mostlyRight('next') }),
  weighted(1, { do: fc.constant('four wrong codes' as const) }),
  weighted(3, { do: fc.constant('ask for sms' as const) }),
  weighted(3, { do: fc.constantFrom('sign out' as const, 'end others' as const, 'renew codes' as const) }),
  weighted(3, { do: fc.constant('recover' as const), by: fc.constantFrom('unused', 'unused', 'used', 'of another', 'wrong') }),
  weighted(6, {
    do: fc.constant('policy' as const),
    required: often(true),
    smsAllowed: fc.boolean(),
    from: fc.constantFrom('as it is', 'as it is', 'now', 'tomorrow'),
  }),
  weighted(4, { do: fc.constant('step up' as const), by: fc.oneof(code, fc.constantFrom('password' as const, 'wrong password' as const)) }),
  weighted(2, { do: fc.constant('switch sms' as const), isOn: fc.boolean() }),
  weighted(2, { do: fc.constant('change number' as const), which: fc.constantFrom(0 as const, 1 as const, undefined) }),
  weighted(2, { do: fc.constant('change password' as const), isRight: often(true) }),
  weighted(2, { do: fc.constant('forgot password' as const), user }),
  weighted(5, {
    do: fc.constant('manage' as const),
    what: fc.constantFrom('OWNER', 'ADMIN', 'AGENT', 'deactivate', 'reactivate', 'reactivate', 'unlock', 'reset-two-factor'),
    user,
  }),
  weighted(5, { do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 30, 60, 300, 600, 14 * 60, 15 * 60, 9 * 3600, 24 * 3600) }),
  weighted(3, { do: fc.constant('copy the cookie' as const), to: fc.nat({ max: 3 }) }),
  weighted(1, { do: fc.constant('lose the cookie' as const) }),
];

export const sequences: fc.Arbitrary<Sequence> = fc.record({
  beginning,
  acts: fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: mostActs, size: 'max' }),
});

/** @throws where server and promise do not agree, with what was done until then */
export async function play(door: Door, { beginning: how, acts }: Sequence): Promise<World> {
  const world = await World.begin(door, how);
  const acting = new Acting(world);
  for (const act of acts) await acting.perform(act);
  await acting.end();
  return world;
}

function often(value: boolean): fc.Arbitrary<boolean> {
  return fc.nat({ max: 3 }).map((chance) => (chance > 0 ? value : !value));
}

function weighted<Kind extends object>(weight: number, kind: { [Key in keyof Kind]: fc.Arbitrary<Kind[Key]> }): fc.WeightedArbitrary<Act> {
  return { weight, arbitrary: fc.record({ ...where, ...kind }) as unknown as fc.Arbitrary<Act> };
}
