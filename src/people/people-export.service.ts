/** The members that a search finds, as comma-separated values. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { ExportLimit } from '../audit/export-limit.service.js';
import { Download } from '../platform/answer.js';
import { type Cell, csvLine } from '../platform/csv.js';
import { dateOf } from '../platform/calendar.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import type { MemberVisit } from '../sessions/visit.js';
import { type ListedMember, MemberListStore, type Scope } from './member-list.store.js';
import { type SmsFrame, smsWords } from './member-words.js';
import { PeopleList } from './people-list.service.js';
import type { PeopleQuery } from './people.query.js';

const membersPerBatch = 1_000;

type Column = readonly [name: string, cell: (row: ListedMember, sms: string) => Cell | Date];

/** The number itself stays at home: an export says whether codes come, as the page does. */
const columns: readonly Column[] = [
  ['username', ({ username }) => username],
  ['name', ({ name }) => name],
  ['email', ({ email }) => email],
  ['role', ({ role }) => role],
  ['deactivatedAt', ({ deactivatedAt }) => deactivatedAt],
  ['authenticatorSince', ({ authenticatorSince }) => authenticatorSince],
  ['sms', (_, sms) => sms],
  ['recoveryCodesLeft', ({ codesLeft }) => codesLeft],
  ['lastSignInAt', ({ lastSignInAt }) => lastSignInAt],
];

@Injectable()
export class PeopleExport {
  constructor(
    @Inject(PeopleList) private readonly people: PeopleList,
    @Inject(MemberListStore) private readonly members: MemberListStore,
    @Inject(Database) private readonly database: Database,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(ExportLimit) private readonly limit: ExportLimit,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** All pages of what was asked for, in its order; that somebody took it away stands on record. */
  async export(visit: MemberVisit, query: PeopleQuery): Promise<Download> {
    const { q, filter } = query;
    await this.limit.take(visit);
    await this.audit.recordActOf(this.database, visit, { kind: 'people-exported', details: { q, filter } });
    const sms = await this.people.smsFrameOf(visit);
    const day = dateOf(this.clock.now());
    return new Download(`people-${day}.csv`, 'text/csv; charset=utf-8', this.lines(visit, query, sms));
  }

  private async *lines(visit: MemberVisit, query: PeopleQuery, sms: SmsFrame): AsyncGenerator<string> {
    yield csvLine(columns.map(([name]) => name));
    for await (const rows of this.batches(this.people.scopeOf(visit, sms), query))
      yield rows.map((row) => lineOf(row, smsWords(row, visit.member.organization, sms))).join('');
  }

  /** Who it is about is settled first: people who come, go or change while it is sent would shift pages that are counted. */
  private async *batches(scope: Scope, query: PeopleQuery): AsyncGenerator<readonly ListedMember[]> {
    const ids = await this.members.findIds(scope, query, query);
    for (let from = 0; from < ids.length; from += membersPerBatch) yield this.members.findThese(ids.slice(from, from + membersPerBatch));
  }
}

function lineOf(row: ListedMember, sms: string): string {
  const cells = columns.map(([, cell]) => cell(row, sms));
  return csvLine(cells.map((value) => (value instanceof Date ? value.toISOString() : value)));
}
