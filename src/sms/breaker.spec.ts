import { after, Clock, seconds } from '../platform/clock.js';
import { Breaker } from './breaker.js';

class HandClock extends Clock {
  private instant = new Date('2026-11-24T12:00:15Z');
  now(): Date {
    return this.instant;
  }
  turn(milliseconds: number): void {
    this.instant = after(this.instant, milliseconds);
  }
}

describe('the breaker', () => {
  let clock: HandClock;
  let breaker: Breaker;
  beforeEach(() => {
    clock = new HandClock();
    breaker = new Breaker(clock);
  });

  const record = (...outages: boolean[]) => {
    for (const isOutage of outages) breaker.record(isOutage);
  };
  const restFor = () => breaker.openUntil && breaker.openUntil.getTime() - clock.now().getTime();

  it('lets the provider be asked after four outages in a row', () => {
    record(true, true, true, true);
    expect(restFor()).toBeUndefined();
  });

  it('leaves the provider alone for 60 seconds after five in a row', () => {
    record(true, true, true, true, true);
    expect(restFor()).toBe(seconds(60));
    clock.turn(seconds(60) - 1);
    expect(restFor()).toBe(1);
    clock.turn(1);
    expect(restFor()).toBeUndefined();
  });

  it('begins the row anew with every answer', () => {
    record(true, true, true, true, false, true, true, true, true);
    expect(restFor()).toBeUndefined();
    record(true);
    expect(restFor()).toBe(seconds(60));
  });

  it('needs one outage after its rest to rest again, and an answer to forget them', () => {
    record(true, true, true, true, true);
    clock.turn(seconds(60));
    record(true);
    expect(restFor()).toBe(seconds(60));
    clock.turn(seconds(60));
    record(false, true, true, true, true);
    expect(restFor()).toBeUndefined();
  });

  it('does not forget its rest when an answer comes that was asked for before', () => {
    record(true, true, true, true, true, false);
    expect(restFor()).toBe(seconds(60));
  });
});
