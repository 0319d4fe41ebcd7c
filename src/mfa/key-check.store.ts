/** A look at the authenticators that are stored first and last, by which a start notices that it was given other keys. */
import { ConfigurationError } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { type Encryption, SecretUnreadableError } from '../platform/encryption.js';
import { boundTo } from './authenticator.store.js';

type Row = { readonly userId: string; readonly secret: string };

/** From each end, by the primary key: as quick on a table of a million rows. */
const looks = 20;

/**
 * One row among several that cannot be read was changed by somebody, and is no reason to shut everybody else out.
 * @throws ConfigurationError when two cannot be read, or the only one
 */
export async function refuseOtherKeys(database: Database, encryption: Encryption): Promise<void> {
  const rows = await findSome(database);
  const errors = rows.flatMap((row) => errorOf(row, encryption) ?? []);
  if (errors.length === 0 || (errors.length === 1 && rows.length > 1)) return;
  const missing = [...new Set(errors.flatMap(({ missingKeyId }) => missingKeyId ?? []))];
  const lacks = missing.length > 0 ? `lacks ${missing.join(', ')}` : 'has others of these names';
  throw new ConfigurationError(
    'SECRET_KEYS',
    `(where it is not set: the file secret-keys in DATA_DIR) takes the keys that authenticators are stored under, and ${lacks}`,
  );
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
