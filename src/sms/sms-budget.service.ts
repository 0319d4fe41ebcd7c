/** Tells the owners of an organization that its month's budget of messages is nearly, or wholly, used. */
import { Inject, Injectable } from '@nestjs/common';
import { startOfNextMonth } from '../platform/calendar.js';
import type { Transaction } from '../platform/database.js';
import { Settings } from '../platform/settings.js';
import { MemberMail } from '../users/member-mail.service.js';
import { budgetMail } from './budget.mail.js';
import { reachedPercent } from './domain/sms-limits.js';
import { SmsUseStore } from './sms-use.store.js';

export type BudgetUse = { readonly organizationId: string; readonly used: number; readonly budget: number };

@Injectable()
export class SmsBudget {
  constructor(
    @Inject(SmsUseStore) private readonly use: SmsUseStore,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** In the transaction that writes the message: each of the two shares is told once for each budget and month. */
  async tellOwners(transaction: Transaction, { organizationId, used, budget }: BudgetUse, now: Date): Promise<void> {
    const percent = reachedPercent(used, budget);
    if (!percent || !(await this.use.claimNotice(transaction, { organizationId, budget, percent }, now))) return;
    const content = budgetMail({ percent, used, budget, again: startOfNextMonth(now), door: this.settings.config.PUBLIC_URL });
    await this.mail.tellOwners(transaction, organizationId, content);
  }
}
