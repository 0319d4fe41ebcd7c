/** Slows password guessing down: only wrong passwords that were really compared count. */
import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, hours, secondsUntil } from '../platform/clock.js';
import { Gate, GateFullError } from '../platform/gate.js';
import { Keyring } from '../platform/keyring.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { usernameKey } from '../users/username.js';
import { type CountedBy, type PasswordLimit, passwordLimits } from './domain/password-limits.js';
import { type Counter, PasswordTriesStore } from './password-tries.store.js';

export type Keys = Readonly<Record<CountedBy, string>>;

/** How many posts may wait for others to be compared, how often they look, and how many times. */
const inTurn = 200;
const turnMillis = 250;
const turns = 20;

export type Attempt = { readonly username: string; readonly address: string };
export type Charge = { readonly outcome: 'charged'; readonly keys: Keys } | { readonly outcome: 'waiting'; readonly seconds: number };

@Injectable()
export class PasswordGuessing {
  private readonly gate = new Gate(inTurn, 0);
  private readonly limits: Readonly<Record<CountedBy, PasswordLimit>>;

  constructor(
    @Inject(PasswordTriesStore) private readonly tries: PasswordTriesStore,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    this.limits = passwordLimits(settings.leniency);
    sweeper.register('password_tries', (now) => this.tries.sweep(after(now, -hours(24))));
  }

  /**
   * Charges one try to each counter; when one of them waits, none is charged. A wait that only comes of passwords which
   * are being compared may be over in a moment: people who sign in at once from one office are not told to come back.
   * @throws GateFullError when too many wait for such a moment
   */
  async charge(attempt: Attempt): Promise<Charge> {
    const keys = this.keysOf(attempt);
    const charge = await this.tryToCharge(keys);
    return charge === 'being-compared' ? this.gate.run(() => this.chargeInTurn(keys)) : charge;
  }

  /** A wrong password: the charge stays. */
  async settle(keys: Keys): Promise<void> {
    await this.tries.settle(Object.values(keys));
  }

  /** A right password clears the member's own counters and gives the address its try back. */
  async clearAfterSuccess({ pair, username, address }: Keys): Promise<void> {
    await this.tries.clear([pair, username]);
    await this.tries.refund([address]);
  }

  /** The password could not be compared. */
  async giveBack(keys: Keys): Promise<void> {
    await this.tries.refund(Object.values(keys));
  }

  /** For the operator: forgets the waits of a username. */
  async forget(username: string): Promise<void> {
    const name = this.digest(usernameKey(username));
    await this.tries.clear([`username:${name}`]);
    await this.tries.clearAllOf(`pair:${name}:`);
  }

  private async chargeInTurn(keys: Keys): Promise<Charge> {
    for (let turn = 0; turn < turns; turn += 1) {
      await pause(turnMillis);
      if ((await this.tries.findWaiting(Object.values(keys), this.clock.now()))?.isBeingCompared) continue;
      const charge = await this.tryToCharge(keys);
      if (charge !== 'being-compared') return charge;
    }
    throw new GateFullError();
  }

  private async tryToCharge(keys: Keys): Promise<Charge | 'being-compared'> {
    const now = this.clock.now();
    const counters = this.countersOf(keys);
    const charged = await this.tries.charge(counters, now);
    if (charged.length === counters.length) return { outcome: 'charged', keys };
    await this.tries.refund(charged);
    const waiting = await this.tries.findWaiting(Object.values(keys), now);
    if (!waiting || waiting.isBeingCompared) return 'being-compared';
    return { outcome: 'waiting', seconds: secondsUntil(waiting.until, now) };
  }

  private keysOf({ username, address }: Attempt): Keys {
    const [name, place] = [this.digest(usernameKey(username)), this.digest(address)];
    return { pair: `pair:${name}:${place}`, username: `username:${name}`, address: `address:${place}` };
  }

  private countersOf(keys: Keys): Counter[] {
    return (['pair', 'username', 'address'] as const).map((by) => ({ key: keys[by], limit: this.limits[by] }));
  }

  /** Names and addresses are not kept in clear. */
  private digest(counted: string): string {
    return this.keyring.mac('password-tries', counted);
  }
}
