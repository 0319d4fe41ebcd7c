/** Slows password guessing down: only wrong passwords that were really compared count. */
import { Inject, Injectable } from '@nestjs/common';
import { after, Clock, hours } from '../platform/clock.js';
import { Keyring } from '../platform/keyring.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { usernameKey } from '../users/username.js';
import { type CountedBy, type PasswordLimit, passwordLimits } from './domain/password-limits.js';
import { type Counter, PasswordTriesStore } from './password-tries.store.js';

export type Attempt = { readonly username: string; readonly address: string };
export type Charge =
  | { readonly outcome: 'charged'; readonly keys: Readonly<Record<CountedBy, string>> }
  | { readonly outcome: 'waiting'; readonly seconds: number };

@Injectable()
export class PasswordGuessing {
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

  /** Charges one try to each counter; when one of them waits, none is charged. */
  async charge(attempt: Attempt): Promise<Charge> {
    const now = this.clock.now();
    const keys = this.keysOf(attempt);
    const counters = this.countersOf(keys);
    const charged = await this.tries.charge(counters, now);
    if (charged.length === counters.length) return { outcome: 'charged', keys };
    await this.tries.refund(charged);
    const until = (await this.tries.findWait(Object.values(keys), now)) ?? now;
    return { outcome: 'waiting', seconds: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)) };
  }

  /** A right password clears the member's own counters and gives the address its try back. */
  async clearAfterSuccess({ pair, username, address }: Readonly<Record<CountedBy, string>>): Promise<void> {
    await this.tries.clear([pair, username]);
    await this.tries.refund([address]);
  }

  /** The password could not be compared. */
  async giveBack(keys: Readonly<Record<CountedBy, string>>): Promise<void> {
    await this.tries.refund(Object.values(keys));
  }

  /** For the operator: forgets the waits of a username. */
  async forget(username: string): Promise<void> {
    const name = this.digest(usernameKey(username));
    await this.tries.clear([`username:${name}`]);
    await this.tries.clearAllOf(`pair:${name}:`);
  }

  private keysOf({ username, address }: Attempt): Readonly<Record<CountedBy, string>> {
    const [name, place] = [this.digest(usernameKey(username)), this.digest(address)];
    return { pair: `pair:${name}:${place}`, username: `username:${name}`, address: `address:${place}` };
  }

  private countersOf(keys: Readonly<Record<CountedBy, string>>): Counter[] {
    return (['pair', 'username', 'address'] as const).map((by) => ({ key: keys[by], limit: this.limits[by] }));
  }

  /** Names and addresses are not kept in clear. */
  private digest(counted: string): string {
    return this.keyring.mac('password-tries', counted);
  }
}
