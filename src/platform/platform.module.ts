/** What every room stands on; it knows nothing of the product. */
import { type DynamicModule, Module } from '@nestjs/common';
import { Assets } from './assets.js';
import { BackgroundWork } from './background-work.js';
import { Clock } from './clock.js';
import { Database } from './database.js';
import { Encryption } from './encryption.js';
import { ErrorFilter } from './error.filter.js';
import { Keyring } from './keyring.js';
import { Log } from './log.js';
import { OwedWork } from './owed-work.js';
import { publicDirectory } from './package-root.js';
import { RateCountStore } from './rate-count.store.js';
import { RateLimit } from './rate-limit.js';
import type { SecretKey } from './secret-keys.js';
import { Settings } from './settings.js';
import { Sweeper } from './sweeper.js';

export type Foundation = {
  readonly settings: Settings;
  readonly database: Database;
  readonly secretKeys: readonly SecretKey[];
  readonly clock: Clock;
  readonly log: Log;
};

@Module({})
export class PlatformModule {
  static on({ settings, database, secretKeys, clock, log }: Foundation): DynamicModule {
    const keyring = new Keyring(secretKeys);
    const values = [
      { provide: Settings, useValue: settings },
      { provide: Database, useValue: database },
      { provide: Clock, useValue: clock },
      { provide: Log, useValue: log },
      { provide: Keyring, useValue: keyring },
      { provide: Encryption, useValue: new Encryption(keyring) },
      { provide: Assets, useValue: new Assets(publicDirectory) },
    ];
    const providers = [...values, BackgroundWork, Sweeper, ErrorFilter, OwedWork, RateCountStore, RateLimit];
    return { module: PlatformModule, global: true, providers, exports: providers };
  }
}
