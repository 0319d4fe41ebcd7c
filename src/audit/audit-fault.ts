/** The first thing about a chained record that does not fit what comes before it. */
import type { Keyring } from '../platform/keyring.js';
import type { ChainedRecord } from './audit-chain.store.js';
import { contentPurpose, contentText, type Ends, isLinkAfter } from './audit-content.js';

export type Fault = { readonly position: number; readonly what: string };
/** How far a chain was followed: the place and the link of the last record that holds. */
export type Reached = { readonly position: number; readonly link: string };

export const endsChanged: Fault = { position: 0, what: 'the ends of the chain were changed' };

export function beforeFirst({ firstPosition, firstLink }: Ends): Reached {
  return { position: firstPosition - 1, link: firstLink };
}

export function reachedBy({ position, link }: ChainedRecord): Reached {
  return { position, link: link ?? '' };
}

/** The link that the next record follows: where sealing anew has come to, the one that was there before. */
function linkFollowed({ position, link }: Reached, { resealedPosition, resealedLink }: Ends): string {
  return position === resealedPosition ? (resealedLink ?? '') : link;
}

export function faultOf(record: ChainedRecord, before: Reached, ends: Ends, keyring: Keyring): Fault | undefined {
  const { organizationId, lastPosition } = ends;
  const { position, link, mac } = record;
  if (position > before.position + 1) return { position: before.position + 1, what: 'a record is missing' };
  if (position <= before.position || position > lastPosition) return { position, what: 'a record stands outside of the chain' };
  if (!keyring.verify(contentPurpose, contentText(record), mac)) return { position, what: 'the record was changed' };
  const isLinked = link !== null && isLinkAfter(linkFollowed(before, ends), { organizationId, position, mac }, link, keyring);
  return isLinked ? undefined : { position, what: 'the record does not follow the one before it' };
}

export function faultAtEnd({ position, link }: Reached, { lastPosition, lastLink }: Ends): Fault | undefined {
  const isWhole = position === lastPosition && link === lastLink;
  return isWhole ? undefined : { position: position + 1, what: 'records are missing at the end' };
}
