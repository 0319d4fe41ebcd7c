/**
 * Seals the chains anew under the current key, so that the others can be taken away. A chain is walked first, and touched only
 * where all of it holds: what somebody changed is never given a seal. It can end at any moment and be begun again, while records
 * are written, chained and removed: the ends say how far it has come.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { AuditChaining } from './audit-chaining.service.js';
import { AuditChainStore, type ChainedRecord, type NewSeal, type StoredEnds } from './audit-chain.store.js';
import { contentPurpose, contentText, type Ends, linkAfter } from './audit-content.js';
import { AuditEnds } from './audit-ends.service.js';
import { endsChanged, type Fault, faultAtEnd, faultOf, reachedBy } from './audit-fault.js';
import { AuditVerification, type Break } from './audit-verification.service.js';

export type Control = {
  /** Ends it after the batch that is under way. */
  readonly stop: AbortSignal;
  /** Is told how many records were sealed anew so far. */
  readonly progress: (records: number) => void;
  /** Records that a transaction seals anew: the chain is held for as long as that takes. */
  readonly batch?: number;
};

export type Resealed = { readonly records: number; readonly chains: number; readonly broken: readonly Break[] };

/** Up to where a chain is sealed anew: the position, the link that stands there now, and the one that stood there before. */
type Sealed = { readonly position: number; readonly link: string; readonly oldLink: string };
type Slice = { readonly ends: StoredEnds; readonly from: Sealed; readonly records: readonly ChainedRecord[]; readonly isEnd: boolean };
type Step =
  | { readonly outcome: 'sealed'; readonly upTo: number; readonly records: number; readonly isEnd: boolean; readonly areEndsNew: boolean }
  | { readonly outcome: 'broken'; readonly fault: Fault };

/** Somebody changed a record between its being read and sealed: the transaction is taken back. */
class RecordChangedError extends Error {
  readonly code = 'RECORD_CHANGED';
}

@Injectable()
export class AuditResealing {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuditChaining) private readonly chaining: AuditChaining,
    @Inject(AuditChainStore) private readonly chains: AuditChainStore,
    @Inject(AuditEnds) private readonly ends: AuditEnds,
    @Inject(AuditVerification) private readonly verification: AuditVerification,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /** What was written and not chained yet is chained first. */
  async reseal({ stop, progress, batch = 250 }: Control): Promise<Resealed> {
    await this.chaining.chainAll();
    let [records, chains] = [0, 0];
    const broken: Break[] = [];
    for (const organizationId of await this.chains.findAllIds()) {
      if (stop.aborted) break;
      const found = await this.verification.findBreak(organizationId);
      if (found) broken.push(found);
      for (let [upTo, isEnd] = [0, found !== undefined]; !isEnd && !stop.aborted;) {
        const step = await this.resealSome(organizationId, upTo, batch);
        if (step.outcome === 'broken') {
          broken.push(await this.verification.breakOf(organizationId, step.fault));
          break;
        }
        ({ upTo, isEnd } = step);
        records += step.records;
        if (step.isEnd && step.areEndsNew) chains += 1;
        progress(records);
        // So that a signal to stop is heard on the embedded database, too.
        await nextTurn();
      }
    }
    return { records, chains, broken };
  }

  /** @param upTo how far the chain was found to be under the current key */
  private resealSome(organizationId: string, upTo: number, batch: number): Promise<Step> {
    return this.database.$transaction(async (transaction) => {
      const ends = await this.ends.hold(transaction, organizationId);
      const from = ends && (await this.sealedUpTo(transaction, ends, upTo));
      if (!from) return { outcome: 'broken', fault: endsChanged };
      const records = await this.chains.findRecords(transaction, organizationId, { after: from.position, limit: batch });
      return this.resealAll(transaction, { ends, from, records, isEnd: records.length < batch });
    });
  }

  /** @returns undefined when the record is gone up to which the chain was sealed anew */
  private async sealedUpTo(transaction: Transaction, ends: Ends, upTo: number): Promise<Sealed | undefined> {
    const { organizationId, firstPosition, firstLink, resealedPosition, resealedLink } = ends;
    const position = resealedPosition ?? Math.max(upTo, firstPosition - 1);
    const link = position < firstPosition ? firstLink : await this.chains.findLink(transaction, organizationId, position);
    return link === undefined ? undefined : { position, link, oldLink: resealedLink ?? link };
  }

  private async resealAll(transaction: Transaction, { ends, from, records, isEnd }: Slice): Promise<Step> {
    let sealed = from;
    const seals: NewSeal[] = [];
    for (const record of records) {
      const fault = faultOf(record, { position: sealed.position, link: sealed.oldLink }, ends, this.keyring);
      if (fault) return { outcome: 'broken', fault };
      const seal = this.sealOf(record, sealed.link);
      if (seal.mac !== record.mac || seal.link !== record.link) seals.push(seal);
      const { position, link: oldLink } = reachedBy(record);
      sealed = { position, oldLink, link: seal.link };
    }
    const fault = isEnd ? faultAtEnd({ position: sealed.position, link: sealed.oldLink }, ends) : undefined;
    if (fault) return { outcome: 'broken', fault };
    if (seals.length > 0 && (await this.chains.writeSeals(transaction, seals)) !== seals.length) throw new RecordChangedError();
    const areEndsNew = await this.ends.write(transaction, ends, endsAfter(ends, sealed, isEnd));
    return { outcome: 'sealed', upTo: sealed.position, records: seals.length, isEnd, areEndsNew };
  }

  private sealOf(record: ChainedRecord, previous: string): NewSeal {
    const { id, organizationId, position, mac: oldMac } = record;
    const mac = this.keyring.mac(contentPurpose, contentText(record));
    return { id, oldMac, mac, link: linkAfter(previous, { organizationId, position, mac }, this.keyring) };
  }
}

/** Where the old link is the new one, too, there is nothing to remember. */
function endsAfter(ends: Ends, { position, link, oldLink }: Sealed, isEnd: boolean): Ends {
  if (isEnd) return { ...ends, lastLink: link, resealedPosition: null, resealedLink: null };
  const resealed =
    link === oldLink ? { resealedPosition: null, resealedLink: null } : { resealedPosition: position, resealedLink: oldLink };
  return { ...ends, ...resealed };
}
