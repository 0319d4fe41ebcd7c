/** The organization rows and their policy. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import type { Switches, TwoFactorPolicy } from './two-factor.policy.js';

/** Where codes by SMS may go, and how many a month; null: no limit. */
export type SmsSettings = { readonly smsCountries: readonly string[]; readonly smsMonthlyBudget: number | null };
export type NewOrganization = {
  readonly slug: string;
  readonly name: string;
  readonly smsCountries: readonly string[];
  readonly createdAt: Date;
};
export type StoredOrganization = Omit<NewOrganization, 'createdAt'> & Switches & { readonly id: string };
type Change = {
  readonly organizationId: string;
  readonly changedAt: Date;
  readonly before: TwoFactorPolicy;
  readonly after: TwoFactorPolicy;
};

@Injectable()
export class OrganizationStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async hasAny(): Promise<boolean> {
    return (await this.database.organization.findFirst({ select: { id: true } })) !== null;
  }

  /** Active members who chose two-factor for themselves. */
  countChoosers(organizationId: string): Promise<number> {
    return this.database.user.count({ where: { organizationId, deactivatedAt: null, choseTwoFactor: true } });
  }

  async findSmsSettings(organizationId: string, transaction: Transaction = this.database): Promise<SmsSettings> {
    const select = { smsCountries: true, smsMonthlyBudget: true };
    return transaction.organization.findUniqueOrThrow({ where: { id: organizationId }, select });
  }

  async saveSmsSettings(transaction: Transaction, organizationId: string, { smsCountries, smsMonthlyBudget }: SmsSettings): Promise<void> {
    const data = { smsCountries: [...smsCountries], smsMonthlyBudget };
    await transaction.organization.update({ where: { id: organizationId }, data, select: { id: true } });
  }

  /** The policy as it stands, held for this transaction: two changes at once are made one after the other. */
  async lockPolicy(transaction: Transaction, organizationId: string): Promise<TwoFactorPolicy> {
    const rows = await transaction.$queryRaw<TwoFactorPolicy[]>`
      SELECT two_factor_required AS "twoFactorRequired", sms_allowed AS "smsAllowed", two_factor_from AS "twoFactorFrom"
      FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`;
    const [policy] = rows;
    if (!policy) throw new Error('a member without an organization');
    return policy;
  }

  /** Held for this transaction: two changes of its people at once are made one after the other. */
  async lock(transaction: Transaction, organizationId: string): Promise<void> {
    await transaction.$queryRaw`SELECT id FROM organizations WHERE id = ${organizationId}::uuid FOR NO KEY UPDATE`;
  }

  async changePolicy(transaction: Transaction, { organizationId, changedAt, before, after }: Change): Promise<void> {
    await transaction.organization.update({
      where: { id: organizationId },
      data: {
        twoFactorRequired: after.twoFactorRequired,
        smsAllowed: after.smsAllowed,
        twoFactorFrom: after.twoFactorFrom,
        ...(after.smsAllowed && !before.smsAllowed && { smsAllowedSince: changedAt }),
      },
      select: { id: true },
    });
  }

  /** @returns the new organization's id */
  async create(transaction: Transaction, { slug, name, smsCountries, createdAt }: NewOrganization): Promise<string> {
    const data = { slug, name, smsCountries: [...smsCountries], createdAt };
    return (await transaction.organization.create({ data, select: { id: true } })).id;
  }

  async findAll(slugs: readonly string[]): Promise<StoredOrganization[]> {
    const select = { id: true, slug: true, name: true, twoFactorRequired: true, smsAllowed: true, smsCountries: true };
    return this.database.organization.findMany({ where: { slug: { in: [...slugs] } }, select });
  }

  /** @returns the ids by slug */
  async createAll(transaction: Transaction, organizations: readonly (NewOrganization & Switches)[]): Promise<ReadonlyMap<string, string>> {
    const data = organizations.map((organization) => ({ ...organization, smsCountries: [...organization.smsCountries] }));
    const rows = await transaction.organization.createManyAndReturn({ data, select: { id: true, slug: true } });
    return new Map(rows.map(({ id, slug }) => [slug, id]));
  }

  /** Those that were created at `createdAt` and have no active owner: how many, and the first few by slug. */
  async findOwnerless(createdAt: Date, few: number): Promise<{ readonly count: number; readonly slugs: readonly string[] }> {
    const where = { createdAt, users: { none: { role: 'OWNER' as const, deactivatedAt: null } } };
    const [count, rows] = await Promise.all([
      this.database.organization.count({ where }),
      this.database.organization.findMany({ where, select: { slug: true }, orderBy: { slug: 'asc' }, take: few }),
    ]);
    return { count, slugs: rows.map(({ slug }) => slug) };
  }
}
