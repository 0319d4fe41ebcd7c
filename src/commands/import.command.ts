/** `gatehouse import FILE.ndjson`: an existing platform's organizations and people. */
import { Import } from '../import/import.service.js';
import { ImportReport } from '../import/import-report.js';
import { readInput } from '../import/read-input.js';
import { AuditRecordStore } from '../audit/audit-record.store.js';
import { AuthenticatorStore } from '../mfa/authenticator.store.js';
import { OrganizationStore } from '../organizations/organization.store.js';
import { SetupLinkStore } from '../organizations/setup-link.store.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, loadConfig } from '../platform/config.js';
import { Encryption } from '../platform/encryption.js';
import { Keyring } from '../platform/keyring.js';
import { ImportedUserStore } from '../users/imported-user.store.js';
import type { Command } from './command.js';
import { TerminalLines } from './terminal-lines.js';
import { type Keyed, withKeys } from './with-keys.js';

export const importCommand: Command = {
  name: 'import',
  positionals: ['FILE.ndjson'],
  summary: 'brings organizations and people from another platform, one JSON object a line (- for standard input)',
  async run({ positionals: [file = '-'], environment }) {
    const config = loadConfig(environment);
    const lines = new TerminalLines(process.stderr);
    const report = new ImportReport((line) => lines.say(line));
    const progress = (line: number) => lines.showProgress(`${line} lines`);
    await withKeys(config, (keyed) => createImport(config, keyed).run(readInput(file), report, progress)).finally(() => lines.erase());
    return { json: report.json, text: report.text, exitCode: report.hasBadLines ? 1 : 0 };
  },
};

function createImport(config: Config, { database, secretKeys }: Keyed): Import {
  const keyring = new Keyring(secretKeys);
  const stores = {
    organizations: new OrganizationStore(database),
    setupLinks: new SetupLinkStore(database),
    users: new ImportedUserStore(database),
    authenticators: new AuthenticatorStore(new Encryption(keyring)),
    records: new AuditRecordStore(keyring),
  };
  return new Import({ database, config, ...stores }, new SystemClock());
}
