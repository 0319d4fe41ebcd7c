/** For commands that seal or verify: on a migrated database, and with its own keys. */
import { refuseOtherKeys } from '../mfa/key-check.store.js';
import type { Config } from '../platform/config.js';
import type { Database } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { developmentKeys, hasDevelopmentKeys, newKey, type SecretKey } from '../platform/secret-keys.js';
import { withMigratedDatabase } from './with-migrated-database.js';

export type Keyed = { readonly database: Database; readonly secretKeys: readonly SecretKey[] };
/** @property areKeysLost the operator says that what is stored under other keys is to be given up: no look is taken at it */
export type KeyOptions = { readonly areKeysLost?: boolean };

/** The switch by which the operator says so. */
export const keysLost = 'keys-lost';

/** @throws ConfigurationError, RefusedByCommandError */
export function withKeys<Result>(
  config: Config,
  use: (keyed: Keyed) => Promise<Result>,
  { areKeysLost = false }: KeyOptions = {},
): Promise<Result> {
  return withMigratedDatabase(config, async (database) => {
    const secretKeys = areKeysLost ? givenKeys(config) : await keysOf(config, database);
    return use({ database, secretKeys });
  });
}

/**
 * Those that are configured. A key is made only for a database that has nothing under another one.
 * @throws ConfigurationError when they are not those of the database
 */
export async function keysOf(config: Config, database: Database): Promise<readonly SecretKey[]> {
  const isToBeMade = config.SECRET_KEYS === undefined && !hasDevelopmentKeys(config.DATA_DIR);
  await refuseOtherKeys(database, new Keyring(isToBeMade ? [newKey()] : givenKeys(config)));
  return givenKeys(config);
}

function givenKeys({ SECRET_KEYS, DATA_DIR }: Config): readonly SecretKey[] {
  return SECRET_KEYS ?? developmentKeys(DATA_DIR);
}
