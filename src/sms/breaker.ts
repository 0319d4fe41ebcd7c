/** Stops asking a provider that does not answer: after so many outages in a row it is left alone for a while. */
import { after, type Clock, seconds } from '../platform/clock.js';

const outagesInRow = 5;
const restMilliseconds = seconds(60);

export class Breaker {
  private inRow = 0;
  private restsUntil: Date | undefined;

  constructor(private readonly clock: Clock) {}

  /** Until when nothing is asked; undefined when it may be. */
  get openUntil(): Date | undefined {
    return this.restsUntil && this.restsUntil > this.clock.now() ? this.restsUntil : undefined;
  }

  /** @param isOutage no answer, or a failing one; a refusal of one message is an answer like any other */
  record(isOutage: boolean): void {
    this.inRow = isOutage ? this.inRow + 1 : 0;
    // After its rest one more outage is enough: the row is ended by an answer alone.
    if (this.inRow >= outagesInRow) this.restsUntil = after(this.clock.now(), restMilliseconds);
  }
}
