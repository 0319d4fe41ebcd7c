/** Mail to the people of an organization, at the address of their profile. Who has none is told nothing. */
import { Inject, Injectable } from '@nestjs/common';
import type { MailContent } from '../mail/mail.js';
import { Mail } from '../mail/mail.service.js';
import type { Transaction } from '../platform/database.js';
import { UserStore } from './user.store.js';

@Injectable()
export class MemberMail {
  constructor(
    @Inject(Mail) private readonly mail: Mail,
    @Inject(UserStore) private readonly users: UserStore,
  ) {}

  /** The mail goes out when, and only if, the transaction is committed. */
  async tell(transaction: Transaction, userId: string, content: MailContent): Promise<void> {
    await this.send(transaction, await this.users.findAddress(transaction, userId), content);
  }

  async send(transaction: Transaction, address: string | null, content: MailContent): Promise<void> {
    if (address !== null) await this.mail.queue(transaction, address, content);
  }

  /** Every active owner. */
  async tellOwners(transaction: Transaction, organizationId: string, content: MailContent): Promise<void> {
    for (const address of await this.users.findOwnerAddresses(transaction, organizationId)) {
      await this.mail.queue(transaction, address, content);
    }
  }
}
