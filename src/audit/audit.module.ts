/** What happened, to whom, by whom. */
import { Module } from '@nestjs/common';
import { AuditRecordStore } from './audit-record.store.js';
import { Audit } from './audit.service.js';

@Module({
  providers: [Audit, AuditRecordStore],
  exports: [Audit],
})
export class AuditModule {}
