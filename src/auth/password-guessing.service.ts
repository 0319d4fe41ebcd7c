/** Slows password guessing down: only wrong passwords that were really compared count. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock } from '../platform/clock.js';
import { Keyring } from '../platform/keyring.js';
import { Settings } from '../platform/settings.js';
import type { Parts, Sql } from '../platform/statement.js';
import { Sweeper } from '../platform/sweeper.js';
import { usernameKey } from '../users/username.js';
import { type CountedBy, countersOfKnown, countersOfUnknown, type PasswordLimits, passwordLimits } from './domain/password-limits.js';
import { type Charge, type ChargeRefusal, type Counted, PasswordCharging } from './password-charging.service.js';
import { keysOf, PasswordTriesStore } from './password-tries.store.js';

export type Attempt = { readonly username: string; readonly address: string };
/** In which browser a username is tried; its visitor's id. */
export type InBrowser = { readonly username: string; readonly visitorId: string };
/** @property isKnown whether somebody signed in to that username in that browser before */
export type Guess = Attempt & InBrowser & { readonly isKnown: boolean };

@Injectable()
export class PasswordGuessing {
  private readonly limits: PasswordLimits;

  constructor(
    @Inject(PasswordTriesStore) private readonly tries: PasswordTriesStore,
    @Inject(PasswordCharging) private readonly charging: PasswordCharging,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    this.limits = passwordLimits(settings.leniency);
    sweeper.register('password_tries', (now) => this.sweep(now));
  }

  /**
   * Charges one try, before the password is compared; when one of its counters waits, nothing is charged.
   * @throws GateFullError when too many are waiting to be charged
   */
  async charge(guess: Guess): Promise<Charge | ChargeRefusal> {
    if (guess.isKnown) {
      const charge = await this.charging.charge(this.countersOf(guess, countersOfKnown), 'ahead');
      if (charge.outcome !== 'closed') return charge;
      // A browser that has had its wrong passwords, stolen perhaps, counts like any other from here on.
    }
    return this.charging.charge(this.countersOf(guess, countersOfUnknown), 'behind');
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
