/** How many messages go out: what keeps codes by SMS from becoming a bill (OWASP ASVS 5.0, 2.4.1). */
import { startOfDay, startOfMonth, startOfNextDay, startOfNextMonth } from '../../platform/calendar.js';
import { after, hours, minutes } from '../../platform/clock.js';

export type LimitName =
  'minute' | 'number' | 'user-hour' | 'user-day' | 'address' | 'prefix' | 'organization-day' | 'budget' | 'installation-day';

/** Whose messages are counted. */
export type CountedBy = 'user' | 'number' | 'address' | 'prefix' | 'organization' | 'everybody';

export type Limit = {
  readonly name: LimitName;
  readonly by: CountedBy;
  readonly allowed: number;
  /** Messages after that instant are counted. */
  readonly since: Date;
  /** When there is room again, from the instant of the message that has to leave the window first. */
  readonly until: (blocking: Date) => Date;
  /**
   * `taken`: what the provider took, so that nobody waits a minute for a message that may never come. `answered`: also what it
   * may have taken. `paid`: also where it did not answer, because that may be on the bill; how often it is asked then, the
   * breaker limits.
   */
  readonly counts: 'taken' | 'answered' | 'paid';
};

export type Caps = {
  /** What the caps of a person are multiplied by; 1 but in automated runs. */
  readonly leniency: number;
  /** Messages a day for the whole installation. */
  readonly dailyCap: number;
  /** Messages a month for the organization; null: no limit. */
  readonly budget: number | null;
};

/** One organization cannot use up the day of a large installation; on a small one the installation's own cap is enough. */
const smallestOrganizationCap = 100;

/** The limits at the instant `now`; every one of them has to have room. */
export function smsLimits({ leniency, dailyCap, budget }: Caps, now: Date): readonly Limit[] {
  const within = (window: number) => ({ since: after(now, -window), until: (blocking: Date) => after(blocking, window) });
  const today = { since: after(startOfDay(now), -1), until: () => startOfNextDay(now) };
  const month = { since: after(startOfMonth(now), -1), until: () => startOfNextMonth(now) };
  return [
    { name: 'minute', by: 'user', allowed: leniency, ...within(minutes(1)), counts: 'taken' },
    { name: 'number', by: 'number', allowed: 3 * leniency, ...within(minutes(10)), counts: 'answered' },
    { name: 'user-hour', by: 'user', allowed: 5 * leniency, ...within(hours(1)), counts: 'answered' },
    { name: 'user-day', by: 'user', allowed: 10 * leniency, ...within(hours(24)), counts: 'answered' },
    { name: 'address', by: 'address', allowed: 60 * leniency, ...within(hours(1)), counts: 'paid' },
    { name: 'prefix', by: 'prefix', allowed: 50 * leniency, ...within(hours(1)), counts: 'paid' },
    {
      name: 'organization-day',
      by: 'organization',
      allowed: Math.max(smallestOrganizationCap, Math.ceil(dailyCap / 2)),
      ...today,
      counts: 'paid',
    },
    ...(budget === null ? [] : [{ name: 'budget', by: 'organization', allowed: budget, ...month, counts: 'paid' } as const]),
    { name: 'installation-day', by: 'everybody', allowed: dailyCap, ...today, counts: 'paid' },
  ];
}

/** The share of a budget, or of the day's cap, at which somebody is told before it is used up. */
export const warningPercent = 80;

/** How many messages make so many percent of a budget. */
export function messagesAt(percent: number, budget: number): number {
  return Math.ceil((budget * percent) / 100);
}

/** The highest share of its budget, of those that owners are told about, that an organization has reached. */
export function reachedPercent(used: number, budget: number): 80 | 100 | undefined {
  if (used >= budget) return 100;
  return used >= messagesAt(warningPercent, budget) ? warningPercent : undefined;
}
