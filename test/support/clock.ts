import { after, Clock } from '../../src/platform/clock.js';

/** A clock that the test turns. It stands still in between, in the middle of a TOTP step. */
export class TurnableClock extends Clock {
  private instant = new Date('2026-11-24T12:00:15.000Z');

  now(): Date {
    return this.instant;
  }

  /** @param milliseconds to go on (or, when negative, back) */
  turn(milliseconds: number): void {
    this.instant = after(this.instant, milliseconds);
  }
}
