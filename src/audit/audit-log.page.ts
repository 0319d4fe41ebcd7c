import { z } from 'zod';
import { Page } from '../platform/answer.js';
import { dateAndTime } from '../platform/wording.js';
import type { Member } from '../sessions/visit.js';
import { readDetails, type RecordContent } from './audit-content.js';
import { auditKinds } from './audit-event.js';
import { auditAddress, type AuditQuery } from './audit-log.query.js';

export const recordsPerPage = 50;

const outsiders: Readonly<Record<string, string>> = {
  visitor: 'Somebody before sign-in',
  operator: 'The operator',
  gatehouse: 'Gatehouse itself',
};
const kinds: Readonly<Record<string, string>> = auditKinds;
const details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).catch({});

/** @param records one more than a page holds, where there are older ones */
export function auditLogPage({ organization }: Member, records: readonly RecordContent[], query: AuditQuery, isFirst: boolean): Page {
  const shown = records.slice(0, recordsPerPage);
  const last = shown.at(-1);
  const model = {
    organizationName: organization.name,
    records: shown.map(row),
    query,
    kinds: Object.entries(kinds)
      .map(([value, label]) => ({ value, label, isChosen: value === query.kind }))
      .sort((a, b) => a.label.localeCompare(b.label, 'en')),
    older: last && records.length > recordsPerPage ? auditAddress(query, last) : undefined,
    newest: isFirst ? undefined : auditAddress(query),
  };
  return new Page('audit/audit-log', model);
}

function row(record: RecordContent) {
  return {
    at: dateAndTime(record.at),
    who: whoOf(record),
    what: kinds[record.kind] ?? record.kind,
    toWhom: record.subject,
    from: record.address,
    isRefused: record.outcome === 'REFUSED',
    details: Object.entries(detailsOf(record)).map(([name, value]) => `${name}: ${String(value)}`),
  };
}

export function whoOf({ actorId, actor }: RecordContent): string {
  return actorId === null ? (outsiders[actor] ?? actor) : actor;
}

export function detailsOf(record: RecordContent): z.output<typeof details> {
  return details.parse(readDetails(record.details));
}
