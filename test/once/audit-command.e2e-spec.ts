import 'reflect-metadata';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from '../../src/commands/command.js';
import { importCommand } from '../../src/commands/import.command.js';
import { resetTwoFactorCommand } from '../../src/commands/reset-two-factor.command.js';
import { unlockCommand } from '../../src/commands/unlock.command.js';
import { loadConfig } from '../../src/platform/config.js';
import { type Database, openDatabase } from '../../src/platform/database.js';
import { type CommandLine, openCommandLine } from '../support/command-line.js';

const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: false, smsAllowed: false };
const olga = { type: 'user', organization: 'acme', username: 'olga', name: 'Olga', role: 'OWNER', password: 'a password of hers' };
const otherKeys = { SECRET_KEYS: `other:${Buffer.alloc(32, 1).toString('base64')}` };
const refusal =
  'SECRET_KEYS (where it is not set: the file secret-keys in DATA_DIR) takes the keys that the audit is sealed with, and has others';

describe('gatehouse audit verify', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await openCommandLine();
    const input = [acme, olga].map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(await commandLine.run(['import', '-'], { input })).toMatchObject({ code: 0 });
    expect(await commandLine.run(['unlock', 'olga'])).toMatchObject({ code: 0 });
  }, 180_000);
  afterAll(() => commandLine.close());

  /** In this process, which costs less than one of its own. */
  const runHere = (command: Command, given: string, environment: Record<string, string> = {}, switches: readonly string[] = []) =>
    command.run({
      positionals: [given],
      switches: new Set(switches),
      json: true,
      environment: { ...commandLine.settings, ...environment },
    });
  const at = async <Result>(use: (database: Database) => Promise<Result>): Promise<Result> => {
    const { database, close } = await openDatabase(loadConfig({ ...commandLine.settings }));
    return use(database).finally(close);
  };

  it('is refused with other keys, and so is every command that seals, and the start: where there is no authenticator yet, too', async () => {
    for (const given of [['audit', 'verify'], ['start']])
      expect(await commandLine.run(given, { environment: otherKeys })).toEqual({ code: 1, stdout: '', stderr: `gatehouse: ${refusal}\n` });
    for (const command of [importCommand, unlockCommand, resetTwoFactorCommand])
      await expect(runHere(command, 'olga', otherKeys)).rejects.toThrow(refusal);
  });

  it('is no reason to make a key where the one of the database is missing', async () => {
    const file = join(commandLine.folder, 'data', 'secret-keys');
    renameSync(file, `${file}-elsewhere`);
    await expect(runHere(unlockCommand, 'olga')).rejects.toThrow(refusal);
    expect(existsSync(file)).toBe(false);
    renameSync(`${file}-elsewhere`, file);
  });

  it('says that the record is whole', async () => {
    const stdout = '{"organizations":1,"records":3,"broken":null}\n';
    expect(await commandLine.run(['audit', 'verify', '--json'])).toEqual({ code: 0, stdout, stderr: '' });
    expect(await commandLine.run(['audit', 'verify'])).toEqual({ code: 0, stdout: '3 records of 1 chains are whole\n', stderr: '' });
  });

  it('names the first break, and exits with 1; one record that was changed shuts nobody out', async () => {
    await at(({ auditRecord }) => auditRecord.updateMany({ where: { position: 3 }, data: { actor: 'somebody' } }));
    const stderr = 'gatehouse: the audit of acme is broken at record 3: the record was changed\n';
    expect(await commandLine.run(['audit', 'verify'])).toMatchObject({ code: 1, stderr });
    expect(await runHere(unlockCommand, 'olga')).toMatchObject({ json: { unlocked: 'olga' } });
  });

  it.each([[['audit']], [['audit', 'mend']]])('says how it is used: %j', async (given) => {
    expect(await commandLine.run(given)).toEqual({ code: 2, stdout: '', stderr: 'gatehouse: usage: gatehouse audit verify [--json]\n' });
  });

  it('gives way where the operator says that the keys are lost: from then on the new ones are taken', async () => {
    expect(await runHere(unlockCommand, 'olga', otherKeys, ['keys-lost'])).toMatchObject({ json: { unlocked: 'olga' } });
    expect(await runHere(resetTwoFactorCommand, 'olga', otherKeys)).toMatchObject({ json: { reset: 'olga' } });
  });
});
