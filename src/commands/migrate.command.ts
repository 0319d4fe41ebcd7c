/** `gatehouse migrate`: applies what is pending. */
import { loadConfig } from '../platform/config.js';
import { migrate } from '../platform/migrations.js';
import type { Command } from './command.js';
import { withDatabase } from './with-database.js';

export const migrateCommand: Command = {
  name: 'migrate',
  positionals: [],
  summary: 'applies pending migrations',
  async run({ environment }) {
    const applied = await withDatabase(loadConfig(environment), migrate);
    return { json: { applied }, text: applied.length > 0 ? applied.map((name) => `applied ${name}`).join('\n') : 'nothing to apply' };
  },
};
