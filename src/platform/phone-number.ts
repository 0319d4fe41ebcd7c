/** Phone numbers: read in whatever notation is common, stored as E.164, by Google's rules for every country (libphonenumber). */
import {
  type CountryCode,
  type E164Number,
  getCountries,
  getCountryCallingCode,
  getExampleNumber,
  isSupportedCountry,
  parsePhoneNumberFromString,
  type PhoneNumber,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';

export type { CountryCode } from 'libphonenumber-js/max';

/** @param code ISO 3166-1, two capital letters */
export function isCountry(code: string): code is CountryCode {
  return /^[A-Z]{2}$/.test(code) && isSupportedCountry(code);
}

const englishNames = new Intl.DisplayNames('en', { type: 'region' });

export function countryName(code: string): string {
  return englishNames.of(code) ?? code;
}

/** Every country with a numbering plan, by its English name. */
export const countries: readonly { readonly code: CountryCode; readonly name: string }[] = getCountries()
  .map((code) => ({ code, name: countryName(code) }))
  .sort((a, b) => a.name.localeCompare(b.name, 'en'));

/**
 * How the stored numbers of some countries begin, such as `+31`. A few countries share theirs (ITU-T E.164), as the United States
 * and Canada do: good enough to count by, not to send by.
 */
export function numberPrefixes(codes: readonly string[]): readonly string[] {
  return [...new Set(codes.filter(isCountry).map((code) => `+${getCountryCallingCode(code)}`))];
}

/** A mobile number of the country, with its country code, to show what one looks like. */
export function exampleNumber(country: CountryCode): string {
  return getExampleNumber(country, examples)?.formatInternational() ?? '+31 6 12345678';
}

/** A number as a person typed it. */
export type ReadNumber =
  | { readonly kind: 'mobile'; readonly number: E164Number }
  /** A number that exists and takes no SMS: a fixed line, a premium or toll-free number. */
  | { readonly kind: 'no-mobile' }
  | { readonly kind: 'impossible' };

/** @param country whose a number is that is written without one */
export function readNumber(typed: string, country: CountryCode): ReadNumber {
  // Not a number out of a text: what stands around it may be meant. A link that was copied (RFC 3966) is a number.
  const parsed = parsePhoneNumberFromString(typed.trim().replace(/^tel:/i, ''), { defaultCountry: country, extract: false });
  if (!parsed?.isValid() || parsed.ext) return { kind: 'impossible' };
  return takesSms(parsed) ? { kind: 'mobile', number: parsed.number } : { kind: 'no-mobile' };
}

/**
 * A stored number that takes SMS, as it is dialled, and its country; undefined for one that takes none. What another platform
 * brought may be written in more than one way: it is one number all the same.
 */
export function smsNumberOf(stored: string): { readonly number: E164Number; readonly country: CountryCode } | undefined {
  const parsed = parsePhoneNumberFromString(stored);
  return parsed?.isValid() && parsed.country && takesSms(parsed) ? { number: parsed.number, country: parsed.country } : undefined;
}

/**
 * A stored number as people of `country` write it; in the international way where the national one would be read as
 * another number there.
 */
export function shownNumber(number: string, country: CountryCode): string {
  const parsed = parsePhoneNumberFromString(number);
  if (!parsed) return number;
  const national = parsed.formatNational();
  return parsePhoneNumberFromString(national, country)?.number === parsed.number ? national : parsed.formatInternational();
}

/** In some countries, such as the United States, a number does not tell whether it is mobile. */
function takesSms(number: PhoneNumber): boolean {
  const type = number.getType();
  // Numbers of no country belong to satellite and other networks, where nobody knows the price.
  if (!number.country) return false;
  return type === 'MOBILE' || type === 'FIXED_LINE_OR_MOBILE';
}
