/** What an organization used this month: its messages by country and state, what was refused at a limit, and who was told. */
import { Inject, Injectable } from '@nestjs/common';
import type { SmsState } from '../generated/prisma/enums.js';
import { monthOf, startOfMonth } from '../platform/calendar.js';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import { paidStates } from './domain/sms-states.js';
import type { LimitName } from './domain/sms-limits.js';

export type CountryUse = { readonly country: string; readonly state: SmsState; readonly messages: number };
export type Cost = { readonly currency: string; readonly amount: string };
/** Numbers that nothing is sent to: of a country that the organization leaves out, or of a kind that takes no SMS. */
export type NumberRefusal = 'country' | 'number-kind';
export type Refusals = { readonly reason: string; readonly count: number; readonly lastAt: Date };

@Injectable()
export class SmsUseStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async findBudget(transaction: Transaction, organizationId: string): Promise<number | null> {
    const select = { smsMonthlyBudget: true };
    return (await transaction.organization.findUniqueOrThrow({ where: { id: organizationId }, select })).smsMonthlyBudget;
  }

  /** The month's messages that the provider took, or may have taken; those that are being handed over are not decided. */
  async countOnBill(organizationId: string, now: Date): Promise<number> {
    const state = { in: paidStates.filter((paid) => paid !== 'SENDING') };
    return this.database.smsMessage.count({ where: { organizationId, createdAt: { gte: startOfMonth(now) }, state } });
  }

  async isCountryAllowed(organizationId: string, country: string): Promise<boolean> {
    return (await this.database.organization.count({ where: { id: organizationId, smsCountries: { has: country } } })) === 1;
  }

  async countByCountry(organizationId: string, now: Date): Promise<readonly CountryUse[]> {
    const rows = await this.database.smsMessage.groupBy({
      by: ['country', 'state'],
      where: { organizationId, createdAt: { gte: startOfMonth(now) } },
      _count: { _all: true },
    });
    return rows.map(({ country, state, _count }) => ({ country, state, messages: _count._all }));
  }

  async sumCosts(organizationId: string, now: Date): Promise<readonly Cost[]> {
    const rows = await this.database.smsMessage.groupBy({
      by: ['currency'],
      where: { organizationId, createdAt: { gte: startOfMonth(now) }, currency: { not: null } },
      _sum: { price: true },
      orderBy: { currency: 'asc' },
    });
    return rows.flatMap(({ currency, _sum }) => (currency && _sum.price ? [{ currency, amount: _sum.price.toFixed(4) }] : []));
  }

  async findRefusals(organizationId: string, now: Date): Promise<readonly Refusals[]> {
    const select = { reason: true, count: true, lastAt: true };
    return this.database.smsRefusal.findMany({
      where: { organizationId, month: monthOf(now) },
      orderBy: { lastAt: 'desc' },
      select,
    });
  }

  async recordRefusal(organizationId: string, reason: LimitName | NumberRefusal, now: Date): Promise<void> {
    await this.database.$executeRaw`
      INSERT INTO sms_refusals AS r (organization_id, month, reason, count, last_at)
      VALUES (${organizationId}::uuid, ${monthOf(now)}, ${reason}, 1, ${now}::timestamptz)
      ON CONFLICT (organization_id, month, reason) DO UPDATE SET count = r.count + 1, last_at = EXCLUDED.last_at`;
  }

  /** @returns whether nobody was told yet that so much of this budget is used */
  async claimNotice(
    transaction: Transaction,
    notice: { organizationId: string; budget: number; percent: number },
    now: Date,
  ): Promise<boolean> {
    const data = { ...notice, month: monthOf(now) };
    return (await transaction.smsBudgetNotice.createMany({ data: [data], skipDuplicates: true })).count === 1;
  }

  /** @param month older ones are removed, such as `2026-08` */
  async sweep(month: string): Promise<number> {
    const where = { month: { lt: month } };
    const refusals = await this.database.smsRefusal.deleteMany({ where, limit: sweptAtOnce });
    return refusals.count + (await this.database.smsBudgetNotice.deleteMany({ where, limit: sweptAtOnce })).count;
  }
}
