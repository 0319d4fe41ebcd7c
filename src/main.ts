/** Starts the server. */
import 'reflect-metadata';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { createApp } from './app.setup.js';
import { Setup } from './auth/setup.service.js';
import { SystemClock } from './platform/clock.js';
import { type Config, ConfigurationError } from './platform/config.js';
import type { Database } from './platform/database.js';
import { errorCode } from './platform/error-code.js';
import { Log } from './platform/log.js';
import { serveFast } from './platform/memory.js';
import type { SecretKey } from './platform/secret-keys.js';
import { Settings } from './platform/settings.js';
import { compileViews } from './platform/views.js';

export type Serving = {
  /** On a database without an organization, prints the one-time link to the set-up page. */
  showSetUpLink(): Promise<void>;
  close(): Promise<void>;
};

/**
 * Listens.
 * @param database open and migrated; the caller closes it
 * @param secretKeys the database's own
 * @throws ConfigurationError when it cannot listen
 */
export async function startServer(config: Config, database: Database, secretKeys: readonly SecretKey[]): Promise<Serving> {
  const settings = new Settings(config);
  const log = new Log(config.LOG_LEVEL);
  logWhatNobodyCaught(log);
  const module = AppModule.on({ settings, database, secretKeys, clock: new SystemClock(), log });
  const app = await createApp(module, settings, log);
  await listen(app, config);
  void compileViews()
    .finally(serveFast)
    .catch((error: unknown) => log.error('a page cannot be compiled', error));
  return { showSetUpLink: () => showSetUpLink(app.get(Setup)), close: () => app.close() };
}

async function showSetUpLink(setup: Setup): Promise<void> {
  const link = await setup.createLink();
  if (link) console.log(`Nobody lives here yet. Create the organization and its owner:\n\n  ${link}\n`);
}

/** Node would print the error with its message, which may quote what somebody typed (OWASP ASVS 5.0, 16.5.4). */
function logWhatNobodyCaught(log: Log): void {
  process.on('unhandledRejection', (error) => log.error('not waited for and failed', error));
  process.on('uncaughtException', (error) => {
    log.error('nobody caught an error', error);
    process.exit(1);
  });
}

/** No such name, or no name server to ask; an address of another machine, or of a family that this one does not speak. */
const codesOfNoAddress: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL']);

/** @throws ConfigurationError when the address is taken or not this machine's */
async function listen(app: NestExpressApplication, { HOST, PORT }: Config): Promise<void> {
  try {
    await app.listen(PORT, HOST);
  } catch (error) {
    await app.close();
    const code = errorCode(error);
    if (code === 'EADDRINUSE') throw new ConfigurationError('PORT', `takes a free port: another process listens on ${HOST}:${PORT}`);
    if (code === 'EACCES') throw new ConfigurationError('PORT', `takes a port that this user may open, and ${PORT} is not one`);
    if (code !== undefined && codesOfNoAddress.has(code))
      throw new ConfigurationError('HOST', `takes an address of this machine, and ${HOST} is none`);
    throw error;
  }
}
