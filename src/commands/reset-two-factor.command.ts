/** `gatehouse reset-two-factor USERNAME`: for the member whom nobody in their organization can help, such as its only owner. */
import type { INestApplicationContext } from '@nestjs/common';
import { TwoFactorReset } from '../people/two-factor-reset.service.js';
import { loadConfig } from '../platform/config.js';
import type { Command } from './command.js';
import { withApplication } from './with-application.js';
import { keysLost } from './with-keys.js';
import { RefusedByCommandError } from './with-migrated-database.js';

export const resetTwoFactorCommand: Command = {
  name: 'reset-two-factor',
  positionals: ['USERNAME'],
  switches: ['keep-password', keysLost],
  summary: 'takes the second factor and all sessions of a member away; a new password is asked for by mail unless --keep-password',
  async run({ positionals: [given = ''], switches, environment }) {
    const config = loadConfig(environment);
    const newPassword = !switches.has('keep-password');
    const areKeysLost = switches.has(keysLost);
    const act = (app: INestApplicationContext) => app.get(TwoFactorReset).resetByOperator(given, newPassword);
    const reset = await withApplication(config, act, { areKeysLost });
    if (!reset) throw new RefusedByCommandError(`nobody has the username ${JSON.stringify(given)}`);
    const { username, hasNewPassword } = reset;
    const password = hasNewPassword
      ? `a link to choose a new password, at ${config.PUBLIC_URL}, waits for the server, which mails it`
      : 'the password stays';
    return {
      json: { reset: username, newPassword: hasNewPassword },
      text: `${username} sets two-factor up at the next sign-in; ${password}`,
    };
  },
};
