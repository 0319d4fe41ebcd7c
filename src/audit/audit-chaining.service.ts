/**
 * Puts records into the chain of their organization, soon after they were written: whoever writes one waits for nobody, and
 * any number of copies make one chain. A record is safe from change from the first moment (its own keyed hash), and from
 * being removed unseen from the moment on at which it is chained.
 */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BackgroundWork } from '../platform/background-work.js';
import { after, hours, seconds } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { Log } from '../platform/log.js';
import { RecurringWork } from '../platform/recurring-work.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { AuditChainStore, type Link, type StoredEnds } from './audit-chain.store.js';
import { linkAfter } from './audit-content.js';
import { AuditEnds, resealedAfterRemoval } from './audit-ends.service.js';
import { beforeFirst, faultOf, reachedBy } from './audit-fault.js';

const interval = seconds(2);
const batch = 500;

@Injectable()
export class AuditChaining implements OnApplicationShutdown {
  private readonly recurring: RecurringWork;
  /** Chains of which the log was told: once, and not every two seconds. */
  private readonly told = new Set<string>();

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(AuditChainStore) private readonly chains: AuditChainStore,
    @Inject(AuditEnds) private readonly ends: AuditEnds,
    @Inject(Keyring) private readonly keyring: Keyring,
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
    @Inject(BackgroundWork) background: BackgroundWork,
  ) {
    const kept = hours(24 * settings.config.AUDIT_RETENTION_DAYS);
    sweeper.register('audit_records', (now) => this.removeBefore(after(now, -kept)));
    this.recurring = new RecurringWork(() => this.chainAll(), {
      every: interval,
      failed: (error) => log.error('the audit could not be chained', error),
    });
    background.atStart(() => this.recurring.start());
  }

  async onApplicationShutdown(): Promise<void> {
    await this.recurring.stop();
  }

  /** Until nothing is left over that was written before. */
  async chainAll(): Promise<void> {
    for (const organizationId of await this.chains.findWithUnchained()) {
      while ((await this.chainSome(organizationId)) === batch);
    }
  }

  /** The oldest records alone, so that what is left is a chain as before. @returns how many */
  async removeBefore(before: Date): Promise<number> {
    let removed = 0;
    for (const organizationId of await this.chains.findAllIds()) {
      if (!(await this.chains.hasRecordBefore(organizationId, before))) continue;
      let some: number;
      do removed += some = await this.removeSome(organizationId, before);
      while (some === batch);
    }
    return removed;
  }

  private chainSome(organizationId: string): Promise<number> {
    return this.database.$transaction(async (transaction) => {
      const ends = await this.holdEnds(transaction, organizationId);
      if (!ends) return 0;
      const records = await this.chains.findUnchained(transaction, organizationId, batch);
      if (records.length === 0) return 0;
      let { lastPosition, lastLink } = ends;
      const links: Link[] = [];
      for (const { id, mac } of records) {
        lastPosition += 1;
        lastLink = linkAfter(lastLink, { organizationId, position: lastPosition, mac }, this.keyring);
        links.push({ id, position: lastPosition, link: lastLink });
      }
      await this.chains.writeLinks(transaction, links);
      await this.ends.write(transaction, ends, { ...ends, lastPosition, lastLink });
      return records.length;
    });
  }

  /** Only what holds: a record that somebody dates back is no older for it, and stays for the verification to find. */
  private removeSome(organizationId: string, before: Date): Promise<number> {
    return this.database.$transaction(async (transaction) => {
      const ends = await this.holdEnds(transaction, organizationId);
      if (!ends) return 0;
      let reached = beforeFirst(ends);
      for (const record of await this.chains.findRecords(transaction, organizationId, { after: 0, limit: batch })) {
        if (record.at >= before || faultOf(record, reached, ends, this.keyring)) break;
        reached = reachedBy(record);
      }
      if (reached.position < ends.firstPosition) return 0;
      const left = { firstPosition: reached.position + 1, firstLink: reached.link, ...resealedAfterRemoval(ends, reached.position) };
      await this.ends.write(transaction, ends, { ...ends, ...left });
      return this.chains.removeUpTo(transaction, organizationId, reached.position);
    });
  }

  /** undefined where somebody without the key changed or removed them. */
  private async holdEnds(transaction: Transaction, organizationId: string): Promise<StoredEnds | undefined> {
    const ends = await this.ends.hold(transaction, organizationId);
    if (ends) return ends;
    if (!this.told.has(organizationId)) this.log.error('an audit chain was tampered with', undefined, { organization: organizationId });
    this.told.add(organizationId);
    return undefined;
  }
}
