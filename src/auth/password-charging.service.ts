/** Charges a try at a password to its counters before it is compared, or says why it is not compared. */
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Clock, secondsUntil } from '../platform/clock.js';
import { Gate, GateFullError, type Line } from '../platform/gate.js';
import { AskingGate } from './asking-gate.js';
import { type CountedBy, mayBeCompared } from './domain/password-limits.js';
import { type Counter, keysOf, PasswordTriesStore } from './password-tries.store.js';

/** How many posts may wait for others to be compared, how often is looked for them, and how many times. */
const inTurn = 200;
const turnMillis = 250;
const turns = 20;

export type Counted = Counter & { readonly by: CountedBy };
/** @property endedBy the row of wrong passwords that is full with this one, should it be wrong, too */
export type Charge = {
  readonly outcome: 'charged';
  readonly counted: readonly Counted[];
  readonly endedBy: 'row' | 'device-row' | undefined;
};
/** `closed`: the username takes passwords from known browsers alone, and this is none. */
export type ChargeRefusal = { readonly outcome: 'waiting'; readonly seconds: number } | { readonly outcome: 'closed' };
/** Counters that wait only for passwords which are being compared. */
type BeingCompared = { readonly outcome: 'being-compared'; readonly counters: readonly Counted[] };

@Injectable()
export class PasswordCharging {
  private readonly waiting = new Gate(inTurn, 0);
  private readonly looks = new Map<string, Promise<ChargeRefusal | BeingCompared | undefined>>();

  constructor(
    @Inject(PasswordTriesStore) private readonly tries: PasswordTriesStore,
    @Inject(AskingGate) private readonly asking: AskingGate,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Charges one try to each counter; when one of them waits, none is charged. A wait that only comes of passwords which
   * are being compared may be over in a moment: people who sign in at once from one office are not told to come back.
   * @throws GateFullError when too many wait for such a moment, or to ask at all
   */
  async charge(counters: readonly Counted[], line: Line): Promise<Charge | ChargeRefusal> {
    const charge = await this.tryToCharge(counters, line);
    return charge.outcome === 'being-compared' ? this.waiting.run(() => this.chargeInTurn(counters, charge, line)) : charge;
  }

  private async chargeInTurn(counters: readonly Counted[], first: BeingCompared, line: Line): Promise<Charge | ChargeRefusal> {
    let awaited = first;
    for (let turn = 0; turn < turns; turn += 1) {
      const found = (await this.lookTogether(awaited.counters)) ?? (await this.tryToCharge(counters, line));
      if (found.outcome !== 'being-compared') return found;
      awaited = found;
    }
    throw new GateFullError();
  }

  /** One look for all who wait for the same counters: hundreds that look four times a second each would keep everybody else waiting. */
  private lookTogether(counters: readonly Counted[]): Promise<ChargeRefusal | BeingCompared | undefined> {
    const key = keysOf(counters).join(' ');
    const look =
      this.looks.get(key) ??
      pause(turnMillis)
        .then(() => this.findRefusal(counters))
        .finally(() => this.looks.delete(key));
    this.looks.set(key, look);
    return look;
  }

  private tryToCharge(counters: readonly Counted[], line: Line): Promise<Charge | ChargeRefusal | BeingCompared> {
    return this.asking.run(async () => {
      const charged = await this.tries.charge(counters, this.clock.now());
      if (charged.length < counters.length) {
        await this.tries.refund(keysOf(charged));
        return (await this.findRefusal(counters)) ?? { outcome: 'being-compared', counters };
      }
      const isFull = ({ key, limit }: Counted) => charged.some((each) => each.key === key && each.failed === limit.free);
      const [endedBy] = (['row', 'device-row'] as const).filter((row) => counters.some((each) => each.by === row && isFull(each)));
      return { outcome: 'charged', counted: counters, endedBy };
    }, line);
  }

  /** Why none of these can be charged now: undefined when they all can. */
  private async findRefusal(counters: readonly Counted[]): Promise<ChargeRefusal | BeingCompared | undefined> {
    const now = this.clock.now();
    const waits = await this.tries.findWaiting(counters, now);
    const waiting = waits.flatMap((wait) =>
      counters
        .filter(({ key }) => key === wait.key)
        .map((counter) => ({ counter, until: wait.until, isFirm: !mayBeCompared(wait, counter.limit, now) })),
    );
    if (waiting.length === 0) return undefined;
    const firm = waiting.filter(({ isFirm }) => isFirm);
    if (firm.length === 0) return { outcome: 'being-compared', counters: waiting.map(({ counter }) => counter) };
    if (firm.some(({ counter: { by } }) => by === 'row' || by === 'device-row')) return { outcome: 'closed' };
    return { outcome: 'waiting', seconds: Math.max(...firm.map(({ until }) => secondsUntil(until, now))) };
  }
}
