/** Imports into a test's database, through the product's own stores. */
import { Import } from '../../src/import/import.service.js';
import { ImportReport } from '../../src/import/import-report.js';
import { AuditRecordStore } from '../../src/audit/audit-record.store.js';
import { AuthenticatorStore } from '../../src/mfa/authenticator.store.js';
import { OrganizationStore } from '../../src/organizations/organization.store.js';
import { SetupLinkStore } from '../../src/organizations/setup-link.store.js';
import type { Clock } from '../../src/platform/clock.js';
import type { Database } from '../../src/platform/database.js';
import { Encryption } from '../../src/platform/encryption.js';
import { Keyring } from '../../src/platform/keyring.js';
import { ImportedUserStore } from '../../src/users/imported-user.store.js';
import { secretKeys } from './door.js';

export type Imported = { readonly counts: ImportReport['json']; readonly said: readonly string[] };

/** @param lines objects, or text as it stands in the file */
export async function importLines(
  { database, clock }: { database: Database; clock: Clock },
  lines: readonly (object | string)[],
): Promise<Imported> {
  const keyring = new Keyring(secretKeys);
  const stores = {
    organizations: new OrganizationStore(database),
    setupLinks: new SetupLinkStore(database),
    users: new ImportedUserStore(database),
    authenticators: new AuthenticatorStore(new Encryption(keyring)),
    records: new AuditRecordStore(keyring),
  };
  const said: string[] = [];
  const report = new ImportReport((line) => said.push(line));
  const importing = new Import({ database, config: { BCRYPT_COST: 10, DEFAULT_COUNTRY: 'NL' }, ...stores }, clock);
  await importing.run(bytesOf(lines), report, () => undefined);
  return { counts: report.json, said };
}

async function* bytesOf(lines: readonly (object | string)[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) yield await Promise.resolve(Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`));
}
