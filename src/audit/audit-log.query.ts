/** What the address of Organization > Audit log asks for. What it does not know, it leaves out. */
import { z } from 'zod';
import { type AuditKind, auditKinds } from './audit-event.js';

export type AuditQuery = {
  /** A username, as who did it or to whom. */
  readonly person: string;
  readonly kind: AuditKind | '';
  /** Days (UTC), such as 2026-11-24; the last one included. */
  readonly from: string;
  readonly to: string;
};
/** The record after which, towards the older ones, a page begins. */
export type Cursor = { readonly at: Date; readonly id: string };

/** The database has no year 0, and a day is added to the last one. */
const isYear = (text: string) => text >= '1900' && text < '9999';
const day = z.iso.date().refine(isYear).catch('');
const asked = z.object({ person: z.string().max(254).catch(''), kind: z.string().catch(''), from: day, to: day });
const cursorText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT[\d:.]{8,12}Z_[0-9a-f-]{36}$/)
  .refine(isYear);

export function readAuditQuery(given: unknown): AuditQuery {
  const { person, kind, from, to } = asked.parse(typeof given === 'object' && given ? { ...given } : {});
  return { person: person.replace(/\p{Cc}|\p{Cs}/gu, '').trim(), kind: isKind(kind) ? kind : '', from, to };
}

export function readCursor(given: unknown): Cursor | undefined {
  const text = cursorText.safeParse(given);
  const [at = '', id = ''] = text.success ? text.data.split('_') : [];
  const instant = new Date(at);
  return text.success && !Number.isNaN(instant.getTime()) && z.uuid().safeParse(id).success ? { at: instant, id } : undefined;
}

export function auditAddress(query: AuditQuery, cursor?: Cursor): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== '') given.set(name, value);
  if (cursor) given.set('before', `${cursor.at.toISOString()}_${cursor.id}`);
  return given.size > 0 ? `/organization/audit?${given.toString()}` : '/organization/audit';
}

function isKind(kind: string): kind is AuditKind {
  return Object.hasOwn(auditKinds, kind);
}
