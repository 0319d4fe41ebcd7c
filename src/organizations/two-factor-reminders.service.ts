/** Reminds members, 7 days and 1 day before, of the day from which they are asked for an authenticator. */
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Mail } from '../mail/mail.service.js';
import { BackgroundWork } from '../platform/background-work.js';
import { after, Clock, hours, secondsUntil } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { RecurringWork } from '../platform/recurring-work.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { reminderMail } from './two-factor-reminder.mail.js';
import { type Due, TwoFactorReminderStore } from './two-factor-reminder.store.js';

const interval = hours(1);
const batch = 100;
const beforeEveryId = '00000000-0000-0000-0000-000000000000';
/** Days before, the nearest first: a deadline that is nearer than that is reminded of by that mail alone. */
const reminders = [1, 7];

@Injectable()
export class TwoFactorReminders implements OnApplicationShutdown {
  private readonly recurring: RecurringWork;
  private isStopping = false;

  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(TwoFactorReminderStore) private readonly store: TwoFactorReminderStore,
    @Inject(Mail) private readonly mail: Mail,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) log: Log,
    @Inject(Sweeper) sweeper: Sweeper,
    @Inject(BackgroundWork) background: BackgroundWork,
  ) {
    sweeper.register('two_factor_reminders', (now) => this.store.sweep(now));
    this.recurring = new RecurringWork(() => this.remindAll(), {
      every: interval,
      failed: (error) => log.error('members could not be reminded', error),
    });
    background.atStart(() => this.recurring.start());
  }

  async onApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.recurring.stop();
  }

  /** Until everybody who is due is reminded, or the server stops. */
  async remindAll(): Promise<void> {
    for (const due of this.dueNow()) {
      let last: string | undefined = beforeEveryId;
      while (last !== undefined && !this.isStopping) last = await this.remindSome(due, last);
    }
  }

  private dueNow(): Due[] {
    const now = this.clock.now();
    const untils = reminders.map((days) => after(now, hours(24 * days)));
    return reminders.map((days, index) => ({ days, after: untils[index - 1] ?? now, until: untils[index] ?? now }));
  }

  /** @returns the last one of those who were due, when there may be more */
  private remindSome(due: Due, last: string): Promise<string | undefined> {
    const now = this.clock.now();
    const door = this.settings.config.PUBLIC_URL;
    return this.database.$transaction(async (transaction) => {
      const found = await this.store.claim(transaction, due, { last, limit: batch });
      for (const { email, deadline, ...member } of found.filter(({ isClaimed }) => isClaimed)) {
        const mail = reminderMail({ ...member, deadline, secondsLeft: secondsUntil(deadline, now), door });
        await this.mail.queue(transaction, email, mail);
      }
      return found.length === batch ? found.at(-1)?.userId : undefined;
    });
  }
}
