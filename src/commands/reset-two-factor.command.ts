/** `gatehouse reset-two-factor USERNAME`: for the member whom nobody in their organization can help, such as its only owner. */
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { MailDelivery } from '../mail/mail-delivery.service.js';
import { TwoFactorReset } from '../people/two-factor-reset.service.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, loadConfig } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { developmentKeys } from '../platform/secret-keys.js';
import { Settings } from '../platform/settings.js';
import type { Command } from './command.js';
import { RefusedByCommandError, withMigratedDatabase } from './with-migrated-database.js';

export const resetTwoFactorCommand: Command = {
  name: 'reset-two-factor',
  positionals: ['USERNAME'],
  switches: ['keep-password'],
  summary: 'takes the second factor and all sessions of a member away; a new password is asked for by mail unless --keep-password',
  async run({ positionals: [given = ''], switches, environment }) {
    const config = loadConfig(environment);
    const newPassword = !switches.has('keep-password');
    const reset = await withMigratedDatabase(config, (database) => resetIn(config, database, { username: given, newPassword }));
    if (!reset) throw new RefusedByCommandError(`nobody has the username ${JSON.stringify(given)}`);
    const { username, hasNewPassword } = reset;
    const password = hasNewPassword ? 'a link to choose a new password is on its way' : 'the password stays';
    return {
      json: { reset: username, newPassword: hasNewPassword },
      text: `${username} sets two-factor up at the next sign-in; ${password}`,
    };
  },
};

/** The rooms as the server wires them, without a port. The mail goes out now; if it cannot, a server sends it later. */
async function resetIn(config: Config, database: Database, { username, newPassword }: { username: string; newPassword: boolean }) {
  const foundation = {
    settings: new Settings(config),
    database,
    secretKeys: config.SECRET_KEYS ?? developmentKeys(config.DATA_DIR),
    clock: new SystemClock(),
    log: new Log('silent'),
  };
  const app = await NestFactory.createApplicationContext(AppModule.on(foundation), { logger: false, abortOnError: false });
  try {
    const reset = await app.get(TwoFactorReset).resetByOperator(username, newPassword);
    await app.get(MailDelivery).deliverDue();
    return reset;
  } finally {
    await app.close();
  }
}
