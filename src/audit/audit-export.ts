/** The records as text: comma-separated values, or one JSON object a line. */
import { csvLine } from '../platform/csv.js';
import { readDetails, type RecordContent } from './audit-content.js';

export type ExportFormat = 'csv' | 'jsonl';

const columns = ['at', 'kind', 'outcome', 'actor', 'actorId', 'subject', 'subjectId', 'address', 'details', 'id'] as const;

export async function* exportText(batches: AsyncIterable<readonly RecordContent[]>, format: ExportFormat): AsyncGenerator<string> {
  if (format === 'csv') yield csvLine(columns);
  for await (const records of batches) yield records.map(format === 'csv' ? csvOf : jsonOf).join('');
}

function csvOf(record: RecordContent): string {
  return csvLine(columns.map((column) => (column === 'at' ? record.at.toISOString() : record[column])));
}

function jsonOf(record: RecordContent): string {
  const { id, at, kind, outcome, actor, actorId, subject, subjectId, address, details } = record;
  const line = { id, at, kind, outcome, actor, actorId, subject, subjectId, address, details: readDetails(details) };
  return `${JSON.stringify(line)}\n`;
}
