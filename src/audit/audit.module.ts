/** What happened, to whom, by whom. */
import { Module } from '@nestjs/common';
import { AuditChainStore } from './audit-chain.store.js';
import { AuditChaining } from './audit-chaining.service.js';
import { AuditRecordStore } from './audit-record.store.js';
import { AuditVerification } from './audit-verification.service.js';
import { Audit } from './audit.service.js';

@Module({
  providers: [Audit, AuditChaining, AuditChainStore, AuditRecordStore, AuditVerification],
  exports: [Audit, AuditVerification],
})
export class AuditModule {}
