/** Tells the owners of an organization that its month's budget of messages is nearly, or wholly, used. */
import { Inject, Injectable } from '@nestjs/common';
import { startOfNextMonth } from '../platform/calendar.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
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
    @Inject(Log) private readonly log: Log,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /**
   * After a message that is on the bill, or may be: not before it was handed over, because one that is refused uses up
   * nothing. Each of the two shares is told once for each budget and month. Never throws: the message went out, and the next
   * one, or the next that is refused, tells them.
   * @param at when the message was asked for: it counts in that month
   */
  async tellOwners(organizationId: string, at: Date): Promise<void> {
    try {
      const budget = await this.use.findBudget(this.database, organizationId);
      if (budget !== null) await this.tellOfBudget({ organizationId, budget }, at);
    } catch (error) {
      this.log.error('owners not told of the budget', error, { organization: organizationId });
    }
  }

  private async tellOfBudget({ organizationId, budget }: { organizationId: string; budget: number }, at: Date): Promise<void> {
    const used = await this.use.countOnBill(organizationId, at);
    const percent = reachedPercent(used, budget);
    if (!percent) return;
    const content = budgetMail({ percent, used, budget, again: startOfNextMonth(at), door: this.settings.config.PUBLIC_URL });
    await this.database.$transaction(async (transaction) => {
      const isNews = await this.use.claimNotice(transaction, { organizationId, budget, percent }, at);
      if (isNews) await this.mail.tellOwners(transaction, organizationId, content);
    });
  }
}
