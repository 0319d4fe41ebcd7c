/** What a record's keyed hashes cover: its own content, and its place in the chain of its organization. */
import type { Keyring } from '../platform/keyring.js';

/** Everything that a record says. */
export type RecordContent = {
  readonly id: string;
  readonly organizationId: string;
  readonly at: Date;
  readonly kind: string;
  readonly outcome: 'DONE' | 'REFUSED';
  readonly actorId: string | null;
  readonly actor: string;
  readonly subjectId: string | null;
  readonly subject: string | null;
  readonly address: string | null;
  /** JSON */
  readonly details: string;
};

export type Place = { readonly organizationId: string; readonly position: number; readonly mac: string };
/** Where a chain begins, and how far it goes: positions count from 1 and never again. */
export type Ends = {
  readonly organizationId: string;
  readonly firstPosition: number;
  readonly firstLink: string;
  readonly lastPosition: number;
  readonly lastLink: string;
  /** While the keys are rotated: the last record that is sealed anew, and the link that it had before and the next one follows. */
  readonly resealedPosition: number | null;
  readonly resealedLink: string | null;
};

/** The link that the very first record of an organization follows. */
export const noLink = '';

/** In a fixed order, so that it is the same however the record was read. */
export function contentText(record: RecordContent): string {
  const { id, organizationId, at, kind, outcome, actorId, actor, subjectId, subject, address, details } = record;
  return JSON.stringify([id, organizationId, at.toISOString(), kind, outcome, actorId, actor, subjectId, subject, address, details]);
}

/** Details that somebody damaged in the database are shown as they stand there: they must not hide the rest of the log. */
export function readDetails(details: string): unknown {
  try {
    return JSON.parse(details);
  } catch {
    return { unreadable: details };
  }
}

export const contentPurpose = 'audit-record';
const linkPurpose = 'audit-link';
const endsPurpose = 'audit-ends';

/** The link of a record: over the one before, its place, and what it says. */
export function linkAfter(previous: string, place: Place, keyring: Keyring): string {
  return keyring.mac(linkPurpose, linkText(previous, place));
}

export function isLinkAfter(previous: string, place: Place, link: string, keyring: Keyring): boolean {
  return keyring.verify(linkPurpose, linkText(previous, place), link);
}

export function macOfEnds(ends: Ends, keyring: Keyring): string {
  return keyring.mac(endsPurpose, endsText(ends));
}

export function isMacOfEnds(ends: Ends, mac: string, keyring: Keyring): boolean {
  return keyring.verify(endsPurpose, endsText(ends), mac);
}

function linkText(previous: string, { organizationId, position, mac }: Place): string {
  return JSON.stringify([previous, organizationId, position, mac]);
}

function endsText({ organizationId, firstPosition, firstLink, lastPosition, lastLink, resealedPosition, resealedLink }: Ends): string {
  const resealed = resealedPosition === null ? [] : [resealedPosition, resealedLink];
  return JSON.stringify([organizationId, firstPosition, firstLink, lastPosition, lastLink, ...resealed]);
}
