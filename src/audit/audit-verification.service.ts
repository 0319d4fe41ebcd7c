/** Walks the chains and finds the first place at which one does not hold. */
import { Inject, Injectable } from '@nestjs/common';
import { hours } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { AuditChaining } from './audit-chaining.service.js';
import { AuditChainStore } from './audit-chain.store.js';
import { isMacOfEnds } from './audit-content.js';
import { beforeFirst, endsChanged, type Fault, faultAtEnd, faultOf, reachedBy } from './audit-fault.js';
import { installation } from './audit-record.store.js';

export type Break = Fault & {
  /** Its slug; `installation` for the installation's own records. */
  readonly organization: string;
};
export type Verified = { readonly organizations: number; readonly records: number; readonly broken: Break | null };

type Walked = { readonly records: number; readonly fault?: Fault };
const batch = 1_000;

@Injectable()
export class AuditVerification {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuditChaining) private readonly chaining: AuditChaining,
    @Inject(AuditChainStore) private readonly chains: AuditChainStore,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /** What was written and not chained yet is chained first. Memory stays flat, however many records there are. */
  async verify(): Promise<Verified> {
    await this.chaining.chainAll();
    const ids = await this.chains.findAllIds();
    let records = 0;
    for (const organizationId of ids) {
      const walked = await this.walk(organizationId);
      records += walked.records;
      if (walked.fault) return { organizations: ids.length, records, broken: await this.breakOf(organizationId, walked.fault) };
    }
    return { organizations: ids.length, records, broken: null };
  }

  /** The first place at which one chain does not hold. */
  async findBreak(organizationId: string): Promise<Break | undefined> {
    const { fault } = await this.walk(organizationId);
    return fault && this.breakOf(organizationId, fault);
  }

  async breakOf(organizationId: string, fault: Fault): Promise<Break> {
    return { organization: await this.nameOf(organizationId), ...fault };
  }

  /** As of one instant, because a server that runs makes the chain longer, and shorter, in the meantime. */
  private walk(organizationId: string): Promise<Walked> {
    const snapshot = { isolationLevel: 'RepeatableRead', timeout: hours(24) } as const;
    return this.database.$transaction((transaction) => this.walkIn(transaction, organizationId), snapshot);
  }

  private async walkIn(transaction: Transaction, organizationId: string): Promise<Walked> {
    const ends = await this.chains.findEnds(transaction, organizationId);
    if (!ends || !isMacOfEnds(ends, ends.mac, this.keyring)) return { records: 0, fault: endsChanged };
    let [reached, records] = [beforeFirst(ends), 0];
    let some = await this.chains.findRecords(transaction, organizationId, { after: 0, limit: batch });
    while (some.length > 0) {
      for (const record of some) {
        const fault = faultOf(record, reached, ends, this.keyring);
        if (fault) return { records, fault };
        [reached, records] = [reachedBy(record), records + 1];
      }
      some = await this.chains.findRecords(transaction, organizationId, { after: reached.position, limit: batch });
    }
    const fault = faultAtEnd(reached, ends);
    return fault ? { records, fault } : { records };
  }

  private async nameOf(organizationId: string): Promise<string> {
    if (organizationId === installation) return 'installation';
    return (await this.chains.findSlug(organizationId)) ?? organizationId;
  }
}
