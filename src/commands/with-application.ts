/** For commands that need the rooms as the server wires them: without a port and without what a server does of its own accord. */
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { SystemClock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Log } from '../platform/log.js';
import { developmentKeys } from '../platform/secret-keys.js';
import { Settings } from '../platform/settings.js';
import { withMigratedDatabase } from './with-migrated-database.js';

/** @throws RefusedByCommandError */
export function withApplication<Result>(config: Config, use: (app: INestApplicationContext) => Promise<Result>): Promise<Result> {
  return withMigratedDatabase(config, async (database) => {
    const secretKeys = config.SECRET_KEYS ?? developmentKeys(config.DATA_DIR);
    const foundation = { settings: new Settings(config, false), database, secretKeys, clock: new SystemClock(), log: new Log('silent') };
    const app = await NestFactory.createApplicationContext(AppModule.on(foundation), { logger: false, abortOnError: false });
    try {
      return await use(app);
    } finally {
      await app.close();
    }
  });
}
