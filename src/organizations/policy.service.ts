/** Changing the policy and what goes with it: it holds for every session of the organization at its next request. */
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { Sessions } from '../sessions/sessions.service.js';
import type { Member } from '../sessions/visit.js';
import type { Configuration } from './configuration.form.js';
import { OrganizationStore } from './organization.store.js';
import { isSamePolicy, normalizePolicy } from './two-factor.policy.js';

@Injectable()
export class Policy {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  async changeConfiguration({ userId, organization }: Member, { smsCountries, smsMonthlyBudget, ...asked }: Configuration): Promise<void> {
    const after = normalizePolicy(asked);
    const isChanged = await this.database.$transaction(async (transaction) => {
      const before = await this.organizations.lockPolicy(transaction, organization.id);
      await this.organizations.saveSmsSettings(transaction, organization.id, { smsCountries, smsMonthlyBudget });
      if (isSamePolicy(before, after)) return false;
      const change = { organizationId: organization.id, changedById: userId, changedAt: this.clock.now(), before, after };
      await this.organizations.changePolicy(transaction, change);
      if (!after.twoFactorRequired) await this.sessions.forgetStageEntries(transaction, organization.id);
      return true;
    });
    const settings = { smsCountries: smsCountries?.join(' '), smsMonthlyBudget: smsMonthlyBudget === null ? 'none' : smsMonthlyBudget };
    this.log.info('configuration saved', { organization: organization.id, by: userId, ...settings });
    if (isChanged) this.log.info('policy changed', { organization: organization.id, by: userId, ...after });
  }
}
