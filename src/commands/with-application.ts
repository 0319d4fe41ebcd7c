/** For commands that need the rooms as the server wires them: without a port and without what a server does of its own accord. */
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { SystemClock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { type Keyed, type KeyOptions, withKeys } from './with-keys.js';

/** @throws ConfigurationError, RefusedByCommandError */
export function withApplication<Result>(
  config: Config,
  use: (app: INestApplicationContext, keyed: Keyed) => Promise<Result>,
  options?: KeyOptions,
): Promise<Result> {
  return withKeys(config, (keyed) => useApplication(config, keyed, use), options);
}

async function useApplication<Result>(
  config: Config,
  keyed: Keyed,
  use: (app: INestApplicationContext, keyed: Keyed) => Promise<Result>,
): Promise<Result> {
  const foundation = { settings: new Settings(config, false), ...keyed, clock: new SystemClock(), log: new Log('silent') };
  const app = await NestFactory.createApplicationContext(AppModule.on(foundation), { logger: false, abortOnError: false });
  try {
    return await use(app, keyed);
  } finally {
    await app.close();
  }
}
