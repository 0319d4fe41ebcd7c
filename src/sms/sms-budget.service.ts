/** Tells the owners of an organization that its month's budget of messages is nearly, or wholly, used. */
import { Inject, Injectable } from '@nestjs/common';
import { startOfNextMonth } from '../platform/calendar.js';
import { Database } from '../platform/database.js';
import { Settings } from '../platform/settings.js';
import { MemberMail } from '../users/member-mail.service.js';
import { budgetMail } from './budget.mail.js';
import { reachedPercent } from './domain/sms-limits.js';
import { SmsUseStore } from './sms-use.store.js';

@Injectable()
export class SmsBudget {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(SmsUseStore) private readonly use: SmsUseStore,
    @Inject(MemberMail) private readonly mail: MemberMail,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /**
   * After a message that is on the bill, or may be: not before it was handed over, because one that is refused uses up
   * nothing. Each of the two shares is told once for each budget and month.
   * @param at when the message was asked for: it counts in that month
   */
  async tellOwners(organizationId: string, at: Date): Promise<void> {
    await this.database.$transaction(async (transaction) => {
      const budget = await this.use.findBudget(transaction, organizationId);
      if (budget === null) return;
      const used = await this.use.countOnBill(transaction, organizationId, at);
      const percent = reachedPercent(used, budget);
      if (!percent || !(await this.use.claimNotice(transaction, { organizationId, budget, percent }, at))) return;
      const content = budgetMail({ percent, used, budget, again: startOfNextMonth(at), door: this.settings.config.PUBLIC_URL });
      await this.mail.tellOwners(transaction, organizationId, content);
    });
  }
}
