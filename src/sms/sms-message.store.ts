/** The message rows: what was handed to the provider and what became of it. Limits count them. */
import { Inject, Injectable } from '@nestjs/common';
import type { SmsState } from '../generated/prisma/enums.js';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import type { CountedBy, Limit } from './domain/sms-limits.js';
import { answeredStates, paidStates, takenStates } from './domain/sms-states.js';
import type { FailureCause, Receipt } from './domain/vonage-status.js';
import type { SmsFailure, SmsReport } from './sms-provider.js';

export type NewMessage = {
  readonly id: string;
  readonly organizationId: string;
  readonly userId: string;
  readonly country: string;
  readonly numberKey: string;
  readonly prefixKey: string;
  readonly addressKey: string;
  readonly postDigest: string | null;
  readonly createdAt: Date;
};

type Blocking = { readonly createdAt: Date };
/** What became of a message, and where it failed, why. */
export type Fate = { readonly state: SmsState; readonly cause: FailureCause };
/** What a receipt may still decide. */
const undecided: SmsState[] = ['SENDING', 'SENT', 'UNKNOWN', 'UNANSWERED'];

type MessageNames = { readonly id: string | undefined; readonly providerId: string | undefined };

/** Any number: the installation's one lock for handing a message over. */
const turn = 7137410964n;

@Injectable()
export class SmsMessageStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Held to the end of the transaction: what is counted behind it cannot change before the message is written. */
  async takeTurn(transaction: Transaction): Promise<void> {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${turn})`;
  }

  /** The message that has to leave the limit's window before there is room for another; undefined while there is room. */
  async findBlocking(transaction: Transaction, message: NewMessage, limit: Limit): Promise<Blocking | undefined> {
    return limit.allowed === 0 ? message : this.findOldestOf(transaction, countedBy(limit.by, message), limit);
  }

  /** The same for a limit that counts by user. */
  async findBlockingOfUser(userId: string, limit: Limit): Promise<Blocking | undefined> {
    return this.findOldestOf(this.database, { userId }, limit);
  }

  /** What of a limit is used, this message not counted. */
  async count(transaction: Transaction, message: NewMessage, limit: Limit): Promise<number> {
    return transaction.smsMessage.count({ where: { ...countedBy(limit.by, message), ...counted(limit) } });
  }

  async findTwin(transaction: Transaction, { userId, postDigest }: NewMessage, since: Date): Promise<string | undefined> {
    if (postDigest === null) return undefined;
    const where = { userId, postDigest, createdAt: { gt: since } };
    return (await transaction.smsMessage.findFirst({ where, orderBy: { createdAt: 'desc' }, select: { id: true } }))?.id;
  }

  async create(transaction: Transaction, message: NewMessage): Promise<void> {
    await transaction.smsMessage.create({ data: { ...message, state: 'SENDING' }, select: { id: true } });
  }

  async findFate(id: string): Promise<Fate | undefined> {
    const row = await this.database.smsMessage.findUnique({ where: { id }, select: { state: true, failureCause: true } });
    return row ? { state: row.state, cause: causeOf(row.failureCause) } : undefined;
  }

  /** A receipt may have been quicker than the provider's own answer: what it said stays. */
  async settle(id: string, report: SmsReport): Promise<void> {
    if (report.outcome === 'failed') {
      const state = stateOf(report);
      await this.database.smsMessage.updateMany({ where: { id, state: 'SENDING' }, data: { state, failureCause: report.cause } });
      return;
    }
    const { providerId = null, price } = report;
    await this.database.smsMessage.updateMany({
      where: { id },
      data: { providerId, price: price?.amount ?? null, currency: price?.currency ?? null },
    });
    await this.database.smsMessage.updateMany({ where: { id, state: 'SENDING' }, data: { state: 'SENT' } });
  }

  /**
   * Receipts come more than once and in any order: "delivered" is the last word, and nothing takes it back.
   * @param message as we name it, and as the provider does
   * @returns whether it said something new of a message of ours
   */
  async recordReceipt({ id, providerId }: MessageNames, receipt: Receipt): Promise<boolean> {
    const names = [...(id === undefined ? [] : [{ id }]), ...(providerId === undefined ? [] : [{ providerId }])];
    const before: SmsState[] = receipt === 'DELIVERED' ? [...undecided, 'UNDELIVERED'] : undecided;
    const { count } = await this.database.smsMessage.updateMany({ where: { OR: names, state: { in: before } }, data: { state: receipt } });
    return count > 0;
  }

  /** What became of a message whose process died nobody can say: it may have been sent. */
  async giveUpAbandoned(before: Date): Promise<void> {
    const where = { state: 'SENDING' as const, createdAt: { lte: before } };
    await this.database.smsMessage.updateMany({ where, data: { state: 'UNANSWERED' } });
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.smsMessage.deleteMany({ where: { createdAt: { lte: before } }, limit: sweptAtOnce })).count;
  }

  /** Of the newest messages that fill the limit, the oldest; undefined while they do not. */
  private async findOldestOf(transaction: Transaction, whose: ReturnType<typeof countedBy>, limit: Limit): Promise<Blocking | undefined> {
    const where = { ...whose, ...counted(limit) };
    const orderBy = { createdAt: 'desc' as const };
    const found = await transaction.smsMessage.findFirst({ where, orderBy, skip: limit.allowed - 1, select: { createdAt: true } });
    return found ?? undefined;
  }
}

function stateOf({ isPerhapsSent, isOutage }: SmsFailure): SmsState {
  if (!isPerhapsSent) return 'REFUSED';
  return isOutage ? 'UNANSWERED' : 'UNKNOWN';
}

function causeOf(stored: string | null): FailureCause {
  return stored === 'ours' || stored === 'number' ? stored : 'later';
}

const countedStates = { taken: takenStates, answered: answeredStates, paid: paidStates } as const;

function counted({ counts, since }: Limit) {
  return { state: { in: [...countedStates[counts]] }, createdAt: { gt: since } };
}

function countedBy(by: CountedBy, { userId, numberKey, addressKey, prefixKey, organizationId }: NewMessage) {
  switch (by) {
    case 'user':
      return { userId };
    case 'number':
      return { numberKey };
    case 'address':
      return { addressKey };
    case 'prefix':
      return { prefixKey };
    case 'organization':
      return { organizationId };
    case 'everybody':
      return {};
  }
}
