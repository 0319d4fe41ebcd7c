/** `gatehouse reset-two-factor USERNAME`: for the member whom nobody in their organization can help, such as its only owner. */
import type { INestApplicationContext } from '@nestjs/common';
import { type OperatorReset, TwoFactorReset } from '../people/two-factor-reset.service.js';
import { type Config, loadConfig } from '../platform/config.js';
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
    return {
      json: { reset: reset.username, newPassword: reset.kept === undefined },
      text: `${reset.username} has no second factor and no session left; ${aboutPassword(reset, config)}`,
    };
  },
};

function aboutPassword({ kept }: OperatorReset, { PUBLIC_URL }: Config): string {
  if (kept === undefined) return `the password has ended, and the server mails a link to choose a new one, at ${PUBLIC_URL}`;
  return `the password stays${reasons[kept]}`;
}

const reasons = {
  'as-asked': '',
  'no-address': ': the profile has no e-mail address that a link to a new one could be sent to',
  'no-mail': ': no link to a new one can be sent without SMTP_URL',
};
