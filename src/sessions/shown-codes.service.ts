/** New recovery codes, for the one session in which they were made, until its member has kept them. */
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { after, Clock, minutes } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { Encryption, SecretUnreadableError } from '../platform/encryption.js';
import { Log } from '../platform/log.js';
import { tellUnreadable } from '../platform/unreadable-secret.js';
import { ShownCodesStore, type StoredCodes } from './shown-codes.store.js';
import type { MemberVisit, VisitSession } from './visit.js';

const shown = z.object({ until: z.iso.datetime(), madeBy: z.string().optional(), codes: z.array(z.string()) });
type Shown = z.output<typeof shown>;

/** Somebody who walks away from the page leaves them no longer than this. */
const shownFor = minutes(15);
export const boundTo = (sessionId: string) => `sessions:shown_codes:${sessionId}`;

@Injectable()
export class ShownCodes {
  constructor(
    @Inject(ShownCodesStore) private readonly store: ShownCodesStore,
    @Inject(Encryption) private readonly encryption: Encryption,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** In place of what the session showed before. */
  async show(transaction: Transaction, { session, postDigest }: MemberVisit, codes: readonly string[]): Promise<void> {
    const until = after(this.clock.now(), shownFor).toISOString();
    const content = JSON.stringify({ until, madeBy: postDigest, codes });
    await this.store.write(transaction, session.id, this.encryption.encrypt(content, boundTo(session.id)));
  }

  /** @returns undefined when there are none to show any more */
  async find({ id }: VisitSession): Promise<readonly string[] | undefined> {
    return this.open(await this.store.find(id))?.codes;
  }

  /**
   * Whether this post may make a set. Not where its twin (a double click) has made one: two that come at once are asked one after
   * the other. And not once the session was ended, or the member's second factor taken away: the caller holds the member's row.
   */
  async hold(transaction: Transaction, { session, postDigest }: MemberVisit): Promise<'free' | 'made-by-twin' | 'over'> {
    const stored = await this.store.lock(transaction, session.id);
    if (!stored) return 'over';
    const found = this.open(stored);
    return found?.madeBy !== undefined && found.madeBy === postDigest ? 'made-by-twin' : 'free';
  }

  /** The member has kept them: from now on nobody is shown them. */
  async forget(transaction: Transaction, { id }: VisitSession): Promise<void> {
    await this.store.write(transaction, id, null);
  }

  private open(stored: StoredCodes | undefined): Shown | undefined {
    if (!stored || stored.shownCodes === null) return undefined;
    try {
      const found = shown.parse(JSON.parse(this.encryption.decrypt(stored.shownCodes, boundTo(stored.sessionId))));
      return new Date(found.until) > this.clock.now() ? found : undefined;
    } catch (error) {
      if (error instanceof SecretUnreadableError) tellUnreadable(this.log, error, { table: 'sessions.shown_codes', user: stored.userId });
      else this.log.error('shown recovery codes cannot be read', error);
      return undefined;
    }
  }
}
