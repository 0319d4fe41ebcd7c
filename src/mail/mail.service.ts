/** Mail as a part of a change: it goes out exactly when the change is committed. */
import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database.js';
import { randomId } from '../platform/randomness.js';
import { Settings } from '../platform/settings.js';
import type { MailContent } from './mail.js';
import { MailMessageStore } from './mail-message.store.js';
import { MailViews } from './mail-views.js';

@Injectable()
export class Mail {
  private queued = 0;

  constructor(
    @Inject(MailMessageStore) private readonly messages: MailMessageStore,
    @Inject(MailViews) private readonly views: MailViews,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** How many this process has queued: whoever sees it grow while a request is under way has mail to send after it, maybe its own. */
  get queuedSoFar(): number {
    return this.queued;
  }

  /** Sends nothing itself: that begins after the answer, without anybody having to ask for it. */
  async queue(transaction: Transaction, to: string, content: MailContent): Promise<void> {
    if (this.settings.config.MAIL_PROVIDER === 'none') return;
    const mail = { id: randomId(), to, subject: content.subject, ...this.views.render(content) };
    await this.messages.add(transaction, mail, content.isBulk);
    this.queued += 1;
  }
}
