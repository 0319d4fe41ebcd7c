/** Mail to the people of an organization, at the address of their profile. Who has none is told nothing. */
import { Inject, Injectable } from '@nestjs/common';
import type { MailContent } from '../mail/mail.js';
import { Mail } from '../mail/mail.service.js';
import { Clock } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { Settings } from '../platform/settings.js';
import type { Member } from '../sessions/visit.js';
import type { AccountChange } from './account-change.mail.js';
import { UserStore } from './user.store.js';

/** Whose account changed, and at what address they are told: left out, that of the profile. */
export type Told = Pick<Member, 'userId' | 'username'> & { readonly address?: string | null };

@Injectable()
export class MemberMail {
  constructor(
    @Inject(Mail) private readonly mail: Mail,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
  ) {}

  /** Tells of a change of one's own account: when, and only if, the transaction is committed. */
  async tell(transaction: Transaction, { userId, username, address }: Told, mail: (about: AccountChange) => MailContent): Promise<void> {
    const to = address === undefined ? await this.users.findAddress(transaction, userId) : address;
    const about = { username, at: this.clock.now(), door: this.settings.config.PUBLIC_URL };
    if (to !== null) await this.mail.queue(transaction, to, mail(about));
  }

  /** Every active owner. */
  async tellOwners(transaction: Transaction, organizationId: string, content: MailContent): Promise<void> {
    for (const address of await this.users.findOwnerAddresses(transaction, organizationId)) {
      await this.mail.queue(transaction, address, content);
    }
  }
}
