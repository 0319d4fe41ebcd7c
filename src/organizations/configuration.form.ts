/** Organization > Configuration: two switches and a date, the countries of codes by SMS and their budget, saved by one post. */
import { z } from 'zod';
import { checkbox, type FieldError, hidden, type Kept, parseForm, type ParsedForm, repeated, text } from '../platform/forms.js';
import { type CountryCode, countries, isCountry } from '../platform/phone-number.js';
import type { AskedPolicy } from './two-factor.policy.js';

const prefix = 'smsCountries.';
export const wrongDate = 'Choose a day from tomorrow on and within a year, or leave the date empty for now.';
const wrongBudget = 'Enter a whole number of messages, or nothing for no limit.';

const switches = z.object({
  twoFactorRequired: checkbox(),
  smsAllowed: checkbox(),
  /** A day, from its first moment in UTC on. */
  twoFactorFrom: z
    .string({ error: repeated })
    .transform((value) => value.trim())
    .refine((value) => value === '' || z.iso.date().safeParse(value).success, wrongDate)
    .transform((value) => (value === '' ? null : new Date(`${value}T00:00:00Z`)))
    .optional(),
  /** Of switching two-factor off; the policy says when it is needed. */
  reason: text('a reason', { max: 500, optional: true }),
  /** The page puts it beside the checkboxes: without it, no country ticked means that the post does not speak of them. */
  smsCountries: hidden(),
  smsMonthlyBudget: z
    .string({ error: repeated })
    .transform((value) => value.trim())
    .refine((value) => /^\d{0,7}$/.test(value), wrongBudget)
    .transform((value) => (value === '' ? null : Number(value)))
    .optional(),
});

export type Configuration = AskedPolicy & {
  /** Why two-factor is switched off; empty: none was given. */
  readonly reason: string;
  /** undefined: as they are */
  readonly smsCountries: readonly CountryCode[] | undefined;
  /** messages a month; null: no limit; undefined: as it is */
  readonly smsMonthlyBudget: number | null | undefined;
};

/** @param body as posted, with one checkbox a country: `smsCountries.NL` and so on */
export function parseConfiguration(body: unknown): ParsedForm<Configuration> {
  const form = parseForm(switches, body, fieldNames());
  const ticked = tickedCountries(body);
  // In the order of the page.
  const errors = [...countryErrors(ticked, form), ...(form.ok ? [] : form.errors)];
  if (!form.ok || errors.length > 0) return { ok: false, errors, kept: form.kept };
  const { smsCountries: _, twoFactorFrom, smsMonthlyBudget, ...value } = form.value;
  const smsCountries = isSpokenOf(ticked.codes, form.kept) ? ticked.codes : undefined;
  return { ok: true, kept: form.kept, value: { ...value, twoFactorFrom, smsMonthlyBudget, smsCountries } };
}

/** The countries that a refused form had ticked; undefined when it did not speak of them. */
export function keptCountries(kept: Kept): readonly string[] | undefined {
  const codes = Object.keys(kept).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  return isSpokenOf(codes, kept) ? codes : undefined;
}

/** Without a tick, only the page's own marker says that none is meant. */
function isSpokenOf(codes: readonly string[], kept: Kept): boolean {
  return codes.length > 0 || kept['smsCountries'] !== undefined;
}

type Ticked = { readonly codes: readonly CountryCode[]; readonly isWrong: boolean };
type Switches = ParsedForm<z.output<typeof switches>>;

function tickedCountries(body: unknown): Ticked {
  const fields = z
    .record(z.string(), z.unknown())
    .catch({})
    .parse(body ?? {});
  const given = Object.entries(fields).filter(([name]) => name.startsWith(prefix));
  const codes = given.map(([name]) => name.slice(prefix.length)).filter(isCountry);
  return { codes: codes.sort(), isWrong: codes.length !== given.length || given.some(([, value]) => value !== 'on') };
}

function countryErrors(ticked: Ticked, form: Switches): readonly FieldError[] {
  const message = countryProblem(ticked, form);
  return message === undefined ? [] : [{ field: 'smsCountries', message }];
}

function countryProblem(ticked: Ticked, form: Switches): string | undefined {
  if (ticked.isWrong) return 'Choose countries from the list.';
  // As typed, so that what is wrong here is said together with what is wrong in another field.
  const isAllowed = form.kept['twoFactorRequired'] === 'on' && form.kept['smsAllowed'] === 'on';
  const isNone = isSpokenOf(ticked.codes, form.kept) && ticked.codes.length === 0;
  return isAllowed && isNone ? 'Choose at least one country that codes may go to.' : undefined;
}

function fieldNames(): readonly string[] {
  return [...Object.keys(switches.shape), ...countries.map(({ code }) => `${prefix}${code}`)];
}
