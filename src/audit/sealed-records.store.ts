/** A look at the records that were written last, by which a process notices that it was given other keys. */
import type { Database } from '../platform/database.js';
import type { Keyring } from '../platform/keyring.js';
import { contentPurpose, contentText, type RecordContent } from './audit-content.js';

type Sealed = RecordContent & { readonly mac: string };

/** Organizations, and records of each, from their newest: by an index, as quick on a table of a million rows. */
const looks = 20;
const newestFirst = [{ at: 'desc' as const }, { id: 'desc' as const }];

/**
 * One that fits is enough: the others were changed by somebody, or are under a key that is gone.
 * @returns false where there are records, and none of those that were looked at is sealed with one of these keys
 */
export async function isAuditOfKeys(database: Database, keyring: Keyring): Promise<boolean> {
  // First those that no chain took up: where the keys are lost, the first one under a new key is among them.
  const unchained = await find(database, { position: null });
  if (unchained.some((record) => isSealedBy(record, keyring))) return true;
  let found = unchained.length;
  for (const { id } of await database.organization.findMany({ orderBy: { id: 'asc' }, take: looks, select: { id: true } })) {
    const records = await find(database, { organizationId: id });
    if (records.some((record) => isSealedBy(record, keyring))) return true;
    found += records.length;
  }
  return found === 0;
}

function find({ auditRecord }: Database, where: { position: null } | { organizationId: string }): Promise<readonly Sealed[]> {
  return auditRecord.findMany({ where, orderBy: newestFirst, take: looks });
}

function isSealedBy(record: Sealed, keyring: Keyring): boolean {
  return keyring.verify(contentPurpose, contentText(record), record.mac);
}
