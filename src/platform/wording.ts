/** Instants and waits in words, the same on every page. */

/** Such as `24 November 2026, 15:04 UTC`. */
export function dateAndTime(instant: Date): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${format.format(instant).replace(' at ', ', ')} UTC`;
}

/** Such as `November 2026`. */
export function monthAndYear(instant: Date): string {
  return new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(instant);
}

/** Such as `15:04 UTC`. */
export function timeOfDay(instant: Date): string {
  return `${instant.toISOString().slice(11, 16)} UTC`;
}

/** A phone number of which only the end is shown, enough to know one's own: `number ending in 78`. */
export function maskedNumber(number: string): string {
  return `number ending in ${number.slice(-2)}`;
}

/** An e-mail address of which the beginning is shown, enough to tell whom of those that one knows: `a…@acme.test`. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${[...address][0] ?? ''}…${address.slice(at)}`;
}

/** The text that a value from the address names, if it names one: the address can choose among our words, and bring none. */
export function noticeOf(notices: Readonly<Record<string, string>>, value: unknown): string | undefined {
  return typeof value === 'string' && Object.hasOwn(notices, value) ? notices[value] : undefined;
}

/** Days that are left, the one that has begun counted in: `1 day`, `7 days`. */
export function daysLeft(seconds: number): string {
  return counted(Math.ceil(seconds / (24 * 3600)), 'day');
}

/** A wait in the largest unit that says it well: `30 seconds`, `15 minutes`, `1 hour`, `7 days`; rounded up. */
export function wait(seconds: number): string {
  if (seconds < 90) return counted(Math.max(1, Math.ceil(seconds)), 'second');
  if (seconds <= 90 * 60) return counted(Math.ceil(seconds / 60), 'minute');
  if (seconds <= 48 * 3600) return counted(Math.ceil(seconds / 3600), 'hour');
  return counted(Math.ceil(seconds / (24 * 3600)), 'day');
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Such as `24 November 2026`. */
export function dayOf(instant: Date): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(instant);
}
