/** What happened, to whom, by whom. */
import { Module } from '@nestjs/common';
import { SessionsModule } from '../sessions/sessions.module.js';
import { AuditChainStore } from './audit-chain.store.js';
import { AuditEnds } from './audit-ends.service.js';
import { AuditChaining } from './audit-chaining.service.js';
import { AuditLogController } from './audit-log.controller.js';
import { AuditLogStore } from './audit-log.store.js';
import { AuditRecordStore } from './audit-record.store.js';
import { AuditResealing } from './audit-resealing.service.js';
import { AuditVerification } from './audit-verification.service.js';
import { Audit } from './audit.service.js';
import { ExportLimit } from './export-limit.service.js';

@Module({
  imports: [SessionsModule],
  controllers: [AuditLogController],
  providers: [
    Audit,
    AuditChaining,
    AuditChainStore,
    AuditEnds,
    AuditLogStore,
    AuditRecordStore,
    AuditResealing,
    AuditVerification,
    ExportLimit,
  ],
  exports: [Audit, AuditLogStore, AuditResealing, AuditVerification, ExportLimit],
})
export class AuditModule {}
