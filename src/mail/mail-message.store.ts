/** Mail that is still to be sent, encrypted: addresses and words stand in the database no longer than they must. */
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { after, Clock, hours, minutes } from '../platform/clock.js';
import { Database, type Transaction } from '../platform/database.js';
import { Encryption } from '../platform/encryption.js';
import { Sweeper, sweptAtOnce } from '../platform/sweeper.js';
import type { OutgoingMail } from './mail.js';

/** @property attempt which one this is; the first is 1 */
export type ClaimedMail = { readonly id: string; readonly content: string; readonly attempt: number };

/** A process that does not say within this time what became of a mail is taken for dead. Longer than any attempt lasts. */
export const lease = minutes(2);
const keptFor = hours(24 * 7);
const contentSchema = z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string() });
export const boundTo = (id: string) => `mail_messages:content:${id}`;

@Injectable()
export class MailMessageStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Encryption) private readonly encryption: Encryption,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('mail_messages', (now) => this.sweep(after(now, -keptFor)));
  }

  /** Due at once. */
  async add(transaction: Transaction, { id, to, subject, text, html }: OutgoingMail, isBulk = false): Promise<void> {
    const now = this.clock.now();
    const content = this.encryption.encrypt(JSON.stringify({ to, subject, text, html }), boundTo(id));
    await transaction.mailMessage.create({ data: { id, content, isBulk, nextAttemptAt: now, createdAt: now } });
  }

  /** Takes due mail for one attempt: two processes never hold the same one, and one that dies leaves it to the next. */
  claimDue(limit: number, isBulk = false): Promise<readonly ClaimedMail[]> {
    const now = this.clock.now();
    // Materialized, because a sub-select that is planned to run twice would take more than the limit.
    return this.database.$queryRaw<ClaimedMail[]>`
      WITH due AS MATERIALIZED (
        SELECT id FROM mail_messages WHERE failed_at IS NULL AND is_bulk = ${isBulk} AND next_attempt_at <= ${now}::timestamptz
        ORDER BY next_attempt_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
      UPDATE mail_messages AS m SET attempts = m.attempts + 1, next_attempt_at = ${after(now, lease)}::timestamptz
      FROM due WHERE m.id = due.id
      RETURNING m.id, m.content, m.attempts AS attempt`;
  }

  /** @throws SecretUnreadableError when its key is gone from SECRET_KEYS */
  open({ id, content }: ClaimedMail): OutgoingMail {
    return { id, ...contentSchema.parse(JSON.parse(this.encryption.decrypt(content, boundTo(id)))) };
  }

  async remove({ id }: ClaimedMail): Promise<void> {
    await this.database.mailMessage.deleteMany({ where: { id } });
  }

  /** Only while the claim holds: a later one decides for itself. */
  async postpone({ id, attempt }: ClaimedMail, milliseconds: number): Promise<void> {
    const nextAttemptAt = after(this.clock.now(), milliseconds);
    await this.database.mailMessage.updateMany({ where: { id, attempts: attempt }, data: { nextAttemptAt } });
  }

  /** Until it is removed, out of the way of what is due: a claim would walk through all of it. */
  async giveUp({ id, attempt }: ClaimedMail): Promise<void> {
    const failedAt = this.clock.now();
    const data = { failedAt, nextAttemptAt: after(failedAt, 2 * keptFor) };
    await this.database.mailMessage.updateMany({ where: { id, attempts: attempt }, data });
  }

  /** What was given up, and what nobody has tried to send since mail was switched off. */
  private async sweep(before: Date): Promise<number> {
    const where = { OR: [{ failedAt: { lte: before } }, { failedAt: null, createdAt: { lte: before } }] };
    return (await this.database.mailMessage.deleteMany({ where, limit: sweptAtOnce })).count;
  }
}
