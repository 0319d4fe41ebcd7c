/** Slows password guessing down: only wrong passwords that were really compared count. */
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, secondsUntil } from '../platform/clock.js';
import { Gate, GateFullError } from '../platform/gate.js';
import { Keyring } from '../platform/keyring.js';
import { Settings } from '../platform/settings.js';
import type { Parts, Sql } from '../platform/statement.js';
import { Sweeper } from '../platform/sweeper.js';
import { usernameKey } from '../users/username.js';
import {
  type CountedBy,
  countersOfKnown,
  countersOfUnknown,
  mayBeCompared,
  type PasswordLimits,
  passwordLimits,
} from './domain/password-limits.js';
import { type Counter, PasswordTriesStore } from './password-tries.store.js';

/** How many posts may wait for others to be compared, how often they look, and how many times. */
const inTurn = 200;
const turnMillis = 250;
const turns = 20;

export type Attempt = { readonly username: string; readonly address: string };
/** In which browser a username is tried; its visitor's id. */
export type InBrowser = { readonly username: string; readonly visitorId: string };
/** @property isKnown whether somebody signed in to that username in that browser before */
export type Guess = Attempt & InBrowser & { readonly isKnown: boolean };

type Counted = Counter & { readonly by: CountedBy };
/** @property endedBy the row of wrong passwords that is full with this one, should it be wrong, too */
export type Charge = {
  readonly outcome: 'charged';
  readonly counted: readonly Counted[];
  readonly endedBy: 'row' | 'device-row' | undefined;
};
/** `closed`: the username takes passwords from known browsers alone, and this is none. */
export type ChargeRefusal = { readonly outcome: 'waiting'; readonly seconds: number } | { readonly outcome: 'closed' };

@Injectable()
export class PasswordGuessing {
  private readonly gate = new Gate(inTurn, 0);
  private readonly limits: PasswordLimits;

  constructor(
    @Inject(PasswordTriesStore) private readonly tries: PasswordTriesStore,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    this.limits = passwordLimits(settings.leniency);
    sweeper.register('password_tries', (now) => this.sweep(now));
  }

  /**
   * Charges one try to each counter; when one of them waits, none is charged. A wait that only comes of passwords which
   * are being compared may be over in a moment: people who sign in at once from one office are not told to come back.
   * @throws GateFullError when too many wait for such a moment
   */
  async charge(guess: Guess): Promise<Charge | ChargeRefusal> {
    if (guess.isKnown) {
      const charge = await this.chargeAll(this.countersOf(guess, countersOfKnown));
      if (charge.outcome !== 'closed') return charge;
      // A browser that has had its wrong passwords, stolen perhaps, counts like any other from here on.
    }
    return this.chargeAll(this.countersOf(guess, countersOfUnknown));
  }

  /** A wrong password: the charge stays. */
  async settle({ counted }: Charge): Promise<void> {
    await this.tries.settle(keysOf(counted));
  }

  /**
   * A right password ends what was counted for that member, and gives the address its own try back. In a known browser
   * that is the browser's own row alone: else a stranger had another hundred with each sign-in of the member.
   */
  async clearAfterSuccess(guess: Guess, charge: Charge): Promise<void> {
    await this.tries.clear(...this.clearedAfterSuccess(guess, charge));
  }

  /** Parts of the statement that lets the member in. */
  clearing(guess: Guess, charge: Charge, when: Sql): Parts {
    return this.tries.clearing(...this.clearedAfterSuccess(guess, charge), when);
  }

  /** The password could not be compared. */
  async giveBack({ counted }: Charge): Promise<void> {
    await this.tries.refund(keysOf(counted));
  }

  /** Whether a username takes passwords from known browsers alone, whoever has it or not. */
  async isClosed(username: string): Promise<boolean> {
    const waiting = await this.tries.findWaiting(
      [{ key: this.keyOf('row', this.nameOf(username)), limit: this.limits.row }],
      this.clock.now(),
    );
    return waiting.length > 0;
  }

  /** Forgets all that was counted for a username. */
  async forget(username: string): Promise<void> {
    const name = this.nameOf(username);
    await this.tries.clear([this.keyOf('username', name), this.keyOf('row', name)]);
    for (const by of ['pair', 'device', 'device-row'] as const) await this.tries.clearAllOf(this.keyOf(by, name));
  }

  /** Forgets what was counted for a username in one browser. */
  async forgetBrowser(browser: InBrowser): Promise<void> {
    await this.tries.clear(keysOf(this.countersOf({ ...browser, address: '' }, countersOfKnown)));
  }

  private clearedAfterSuccess(guess: Guess, { counted }: Charge): [cleared: readonly string[], refunded: readonly string[]] {
    const [ended, kept] = [counted.filter(({ by }) => by !== 'address'), counted.filter(({ by }) => by === 'address')];
    return [[...keysOf(ended), ...keysOf(this.countersOf(guess, countersOfKnown))], keysOf(kept)];
  }

  private async chargeAll(counters: readonly Counted[]): Promise<Charge | ChargeRefusal> {
    const charge = await this.tryToCharge(counters);
    return charge === 'being-compared' ? this.gate.run(() => this.chargeInTurn(counters)) : charge;
  }

  private async chargeInTurn(counters: readonly Counted[]): Promise<Charge | ChargeRefusal> {
    for (let turn = 0; turn < turns; turn += 1) {
      await pause(turnMillis);
      if ((await this.findRefusal(counters)) === 'being-compared') continue;
      const charge = await this.tryToCharge(counters);
      if (charge !== 'being-compared') return charge;
    }
    throw new GateFullError();
  }

  private async tryToCharge(counters: readonly Counted[]): Promise<Charge | ChargeRefusal | 'being-compared'> {
    const charged = await this.tries.charge(counters, this.clock.now());
    if (charged.length < counters.length) {
      await this.tries.refund(charged.map(({ key }) => key));
      return (await this.findRefusal(counters)) ?? 'being-compared';
    }
    const isFull = ({ key, limit }: Counted) => charged.some((each) => each.key === key && each.failed === limit.free);
    const [endedBy] = (['row', 'device-row'] as const).filter((row) => counters.some((each) => each.by === row && isFull(each)));
    return { outcome: 'charged', counted: counters, endedBy };
  }

  /** Why none of these can be charged now: undefined when they all can. */
  private async findRefusal(counters: readonly Counted[]): Promise<ChargeRefusal | 'being-compared' | undefined> {
    const now = this.clock.now();
    const waiting = await this.tries.findWaiting(counters, now);
    if (waiting.length === 0) return undefined;
    const firm = waiting.flatMap((wait) =>
      counters
        .filter(({ key, limit }) => key === wait.key && !mayBeCompared(wait, limit, now))
        .map(({ by }) => ({ by, until: wait.until })),
    );
    if (firm.length === 0) return 'being-compared';
    if (firm.some(({ by }) => by === 'row' || by === 'device-row')) return { outcome: 'closed' };
    return { outcome: 'waiting', seconds: Math.max(...firm.map(({ until }) => secondsUntil(until, now))) };
  }

  private countersOf({ username, address, visitorId }: Attempt & InBrowser, which: readonly CountedBy[]): Counted[] {
    const name = this.nameOf(username);
    const [place, device] = [this.digest(address), this.digest(`browser ${visitorId}`)];
    const keys = {
      pair: this.keyOf('pair', name, place),
      username: this.keyOf('username', name),
      address: this.keyOf('address', place),
      row: this.keyOf('row', name),
      device: this.keyOf('device', name, device),
      'device-row': this.keyOf('device-row', name, device),
    };
    return which.map((by) => ({ by, key: keys[by], limit: this.limits[by] }));
  }

  private keyOf(by: CountedBy, ...parts: readonly string[]): string {
    return [by, ...parts].join(':');
  }

  private nameOf(username: string): string {
    return this.digest(usernameKey(username));
  }

  /** Names, addresses and browsers are not kept in clear. */
  private digest(counted: string): string {
    return this.keyring.mac('password-tries', counted);
  }

  private async sweep(now: Date): Promise<number> {
    const swept = [...countersOfUnknown, ...countersOfKnown].map((by) =>
      this.tries.sweep(`${this.keyOf(by)}:`, after(now, -this.limits[by].forgottenAfter), now),
    );
    return (await Promise.all(swept)).reduce((sum, rows) => sum + rows, 0);
  }
}

function keysOf(counters: readonly Counter[]): string[] {
  return counters.map(({ key }) => key);
}
