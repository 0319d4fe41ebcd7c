/** The message rows: what was handed to the provider and what became of it. Limits count them. */
import { Inject, Injectable } from '@nestjs/common';
import type { SmsState } from '../generated/prisma/enums.js';
import { Database, type Transaction } from '../platform/database.js';
import type { CountedBy, Limit } from './domain/sms-limits.js';
import type { Receipt } from './domain/vonage-status.js';
import type { SmsReport } from './sms-provider.js';

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

type MessageNames = { readonly id: string | undefined; readonly providerId: string | undefined };

const taken: SmsState[] = ['SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED'];
const paid: SmsState[] = [...taken, 'UNKNOWN'];

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
  async findBlocking(transaction: Transaction, message: NewMessage, limit: Limit): Promise<{ readonly createdAt: Date } | undefined> {
    if (limit.allowed === 0) return message;
    const found = await transaction.smsMessage.findFirst({
      where: { ...countedBy(limit.by, message), ...counted(limit) },
      orderBy: { createdAt: 'desc' },
      skip: limit.allowed - 1,
      select: { createdAt: true },
    });
    return found ?? undefined;
  }

  /** When `limit`, which counts by user, has room again for the user; undefined when it has. */
  async findBlockingOfUser(userId: string, limit: Limit): Promise<{ readonly createdAt: Date } | undefined> {
    const where = { userId, ...counted(limit) };
    const orderBy = { createdAt: 'desc' as const };
    const found = await this.database.smsMessage.findFirst({ where, orderBy, skip: limit.allowed - 1, select: { createdAt: true } });
    return found ?? undefined;
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

  async findState(id: string): Promise<SmsState | undefined> {
    return (await this.database.smsMessage.findUnique({ where: { id }, select: { state: true } }))?.state;
  }

  /** A receipt may have been quicker than the provider's own answer: what it said stays. */
  async settle(id: string, report: SmsReport): Promise<void> {
    if (report.outcome === 'failed') {
      const state = report.isPerhapsSent ? 'UNKNOWN' : 'REFUSED';
      await this.database.smsMessage.updateMany({ where: { id, state: 'SENDING' }, data: { state } });
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
    const before: SmsState[] = receipt === 'DELIVERED' ? ['SENDING', 'SENT', 'UNKNOWN', 'UNDELIVERED'] : ['SENDING', 'SENT', 'UNKNOWN'];
    const { count } = await this.database.smsMessage.updateMany({ where: { OR: names, state: { in: before } }, data: { state: receipt } });
    return count > 0;
  }

  /** What became of a message whose process died nobody can say: it may have been sent. */
  async giveUpAbandoned(before: Date): Promise<void> {
    const where = { state: 'SENDING' as const, createdAt: { lte: before } };
    await this.database.smsMessage.updateMany({ where, data: { state: 'UNKNOWN' } });
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.smsMessage.deleteMany({ where: { createdAt: { lte: before } } })).count;
  }
}

function counted({ counts, since }: Limit) {
  return { state: { in: counts === 'taken' ? taken : paid }, createdAt: { gt: since } };
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
