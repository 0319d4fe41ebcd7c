/** Organization > Audit log. */
import { Body, Controller, Get, Inject, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, Download } from '../platform/answer.js';
import { dateOf } from '../platform/calendar.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { refuseRepeated } from '../platform/forms.js';
import { OpenToAct, OpenToManagers } from '../sessions/open-to.js';
import { MemberVisited, type MemberVisit } from '../sessions/visit.js';
import { exportText } from './audit-export.js';
import { auditLogPage, recordsPerPage } from './audit-log.page.js';
import { readAuditQuery, readCursor } from './audit-log.query.js';
import { AuditLogStore } from './audit-log.store.js';
import { Audit } from './audit.service.js';
import { ExportLimit } from './export-limit.service.js';

const withCursor = z.looseObject({ before: z.unknown().optional() });
const asked = z.looseObject({ format: z.enum(['csv', 'jsonl']).catch('csv') });
const contentTypes = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8' } as const;

@Controller('organization/audit')
export class AuditLogController {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuditLogStore) private readonly log: AuditLogStore,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(ExportLimit) private readonly limit: ExportLimit,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  @Get()
  @OpenToManagers()
  async show(@MemberVisited() { member }: MemberVisit, @Query() given: unknown): Promise<Answer> {
    const query = readAuditQuery(given);
    const before = readCursor(withCursor.safeParse(given).data?.before);
    const records = await this.log.find(member.organization.id, query, { before, limit: recordsPerPage + 1 });
    return auditLogPage(member, records, query, before === undefined);
  }

  /** A post, because that somebody took the record away stands on record itself. */
  @Post('export')
  @OpenToAct('audit-export')
  async export(@MemberVisited() visit: MemberVisit, @Body() body: unknown): Promise<Answer> {
    refuseRepeated(body);
    const query = readAuditQuery(body);
    const { format } = asked.catch({ format: 'csv' }).parse(body);
    await this.limit.take(visit);
    await this.audit.recordActOf(this.database, visit, { kind: 'audit-exported', details: { format, ...query } });
    const day = dateOf(this.clock.now());
    const text = exportText(this.log.findAll(visit.member.organization.id, query), format);
    return new Download(`audit-${day}.${format}`, contentTypes[format], text);
  }
}
