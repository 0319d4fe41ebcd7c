/** The time, from one place, so that tests can turn it. */
export abstract class Clock {
  abstract now(): Date;
}

export class SystemClock extends Clock {
  now(): Date {
    return new Date();
  }
}

export const seconds = (count: number): number => count * 1_000;
export const minutes = (count: number): number => seconds(count * 60);
export const hours = (count: number): number => minutes(count * 60);

/** Whole seconds from `now` to `instant`, at least one: what Retry-After says. */
export function secondsUntil(instant: Date, now: Date): number {
  return Math.max(1, Math.ceil((instant.getTime() - now.getTime()) / 1_000));
}

/** The latest of some instants; null when there is none. */
export function latest(...instants: readonly (Date | null)[]): Date | null {
  return instants.reduce((last, instant) => (instant && (!last || instant > last) ? instant : last), null);
}

/**
 * The latest instant that a wait can reach to: one beyond it was set by a clock that was wrong and is put right. Twice as long as
 * any wait, so that copies whose clocks differ a little never take a real one for such.
 * @param longestWait in milliseconds
 */
export function latestCredible(longestWait: number, now: Date): Date {
  return after(now, 2 * longestWait);
}

/** The instant `milliseconds` after (or, when negative, before) `instant`. */
export function after(instant: Date, milliseconds: number): Date {
  return new Date(instant.getTime() + milliseconds);
}
