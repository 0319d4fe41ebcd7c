/** A look at what is stored under the keys, by which a process notices that it was given others. */
import { isAuditOfKeys } from '../audit/sealed-records.store.js';
import { ConfigurationError } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { Encryption, SecretUnreadableError } from '../platform/encryption.js';
import type { Keyring } from '../platform/keyring.js';
import { boundTo } from './authenticator.store.js';

type Row = { readonly userId: string; readonly secret: string };

/** From each end, by the primary key: as quick on a table of a million rows. */
const looks = 20;

/**
 * Of the authenticators that are stored first and last, one among several that cannot be read was changed by somebody, and is no
 * reason to shut everybody else out. Where there are none, the audit tells.
 * @throws ConfigurationError when two authenticators cannot be read, or the only one; without any, when no record of the audit fits
 */
export async function refuseOtherKeys(database: Database, keyring: Keyring): Promise<void> {
  const rows = await findSome(database);
  if (rows.length > 0) return refuseUnreadable(rows, new Encryption(keyring));
  if (!(await isAuditOfKeys(database, keyring))) throw otherKeys('the audit is sealed with, and has others');
}

function refuseUnreadable(rows: readonly Row[], encryption: Encryption): void {
  const errors = rows.flatMap((row) => errorOf(row, encryption) ?? []);
  if (errors.length === 0 || (errors.length === 1 && rows.length > 1)) return;
  const missing = [...new Set(errors.flatMap(({ missingKeyId }) => missingKeyId ?? []))];
  const lacks = missing.length > 0 ? `lacks ${missing.join(', ')}` : 'has others of these names';
  throw otherKeys(`authenticators are stored under, and ${lacks}`);
}

function otherKeys(which: string): ConfigurationError {
  return new ConfigurationError('SECRET_KEYS', `(where it is not set: the file secret-keys in DATA_DIR) takes the keys that ${which}`);
}

async function findSome({ authenticator }: Database): Promise<readonly Row[]> {
  const select = { userId: true, secret: true };
  const first = await authenticator.findMany({ orderBy: { userId: 'asc' }, take: looks, select });
  const last = await authenticator.findMany({ orderBy: { userId: 'desc' }, take: looks, select });
  return [...new Map([...first, ...last].map((row) => [row.userId, row])).values()];
}

function errorOf({ userId, secret }: Row, encryption: Encryption): SecretUnreadableError | undefined {
  try {
    encryption.decrypt(secret, boundTo(userId));
    return undefined;
  } catch (error) {
    if (error instanceof SecretUnreadableError) return error;
    throw error;
  }
}
