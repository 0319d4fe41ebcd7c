/** Walks the chains and finds the first place at which one does not hold. */
import { Inject, Injectable } from '@nestjs/common';
import { Keyring } from '../platform/keyring.js';
import { AuditChaining } from './audit-chaining.service.js';
import { AuditChainStore, type ChainedRecord, type StoredEnds } from './audit-chain.store.js';
import { contentPurpose, contentText, isLinkAfter, isMacOfEnds } from './audit-content.js';
import { installation } from './audit-record.store.js';

export type Break = {
  /** Its slug; `installation` for the installation's own records. */
  readonly organization: string;
  readonly position: number;
  readonly what: string;
};
export type Verified = { readonly organizations: number; readonly records: number; readonly broken: Break | null };

type Fault = Omit<Break, 'organization'>;
const batch = 1_000;

@Injectable()
export class AuditVerification {
  constructor(
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
      if (walked.fault)
        return { organizations: ids.length, records, broken: { organization: await this.nameOf(organizationId), ...walked.fault } };
    }
    return { organizations: ids.length, records, broken: null };
  }

  private async walk(organizationId: string): Promise<{ readonly records: number; readonly fault?: Fault }> {
    const ends = await this.chains.findEnds(organizationId);
    if (!ends || !isMacOfEnds(ends, ends.mac, this.keyring))
      return { records: 0, fault: { position: 0, what: 'the ends of the chain were changed' } };
    let [position, link, records] = [ends.firstPosition - 1, ends.firstLink, 0];
    let some = await this.chains.findRecords(organizationId, 0, batch);
    while (some.length > 0) {
      for (const record of some) {
        const fault = this.faultOf(record, position, link, ends);
        if (fault) return { records, fault };
        [position, link, records] = [record.position, record.link ?? '', records + 1];
      }
      some = await this.chains.findRecords(organizationId, position, batch);
    }
    const isWhole = position === ends.lastPosition && link === ends.lastLink;
    return isWhole ? { records } : { records, fault: { position: position + 1, what: 'records are missing at the end' } };
  }

  private faultOf(
    record: ChainedRecord,
    before: number,
    previous: string,
    { organizationId, lastPosition }: StoredEnds,
  ): Fault | undefined {
    const { position, link, mac } = record;
    if (position > before + 1) return { position: before + 1, what: 'a record is missing' };
    if (position <= before || position > lastPosition) return { position, what: 'a record stands outside of the chain' };
    if (!this.keyring.verify(contentPurpose, contentText(record), mac)) return { position, what: 'the record was changed' };
    const isLinked = link !== null && isLinkAfter(previous, { organizationId, position, mac }, link, this.keyring);
    return isLinked ? undefined : { position, what: 'the record does not follow the one before it' };
  }

  private async nameOf(organizationId: string): Promise<string> {
    if (organizationId === installation) return 'installation';
    return (await this.chains.findSlug(organizationId)) ?? organizationId;
  }
}
