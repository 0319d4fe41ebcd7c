/** Starts the server. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { setUpApp } from './app.setup.js';
import { Setup } from './auth/setup.service.js';
import { SystemClock } from './platform/clock.js';
import type { Config } from './platform/config.js';
import type { Database } from './platform/database.js';
import { Log } from './platform/log.js';
import type { SecretKey } from './platform/secret-keys.js';
import { Settings } from './platform/settings.js';

/**
 * Listens, and on a database without an organization prints the one-time link to the set-up page.
 * @param database open and migrated; the caller closes it
 */
export async function startServer(config: Config, database: Database, secretKeys: readonly SecretKey[]): Promise<{ close(): Promise<void> }> {
  const settings = new Settings(config);
  const log = new Log(config.LOG_LEVEL);
  const module = AppModule.on({ settings, database, secretKeys, clock: new SystemClock(), log });
  const app = await NestFactory.create<NestExpressApplication>(module, { logger: log, bodyParser: false, abortOnError: false });
  setUpApp(app, settings);
  await app.listen(config.PORT, config.HOST);
  console.log(`Gatehouse is open at ${config.PUBLIC_URL}`);
  const link = await app.get(Setup).createLink();
  if (link) console.log(`Nobody lives here yet. Create the organization and its owner:\n\n  ${link}\n`);
  return { close: () => app.close() };
}
