/** A link by mail with which a member chooses a new password. It never signs in, and never touches the second factor. */
import { Inject, Injectable } from '@nestjs/common';
import { Mail } from '../mail/mail.service.js';
import { after, Clock, hours, minutes } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { randomToken } from '../platform/randomness.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { hashOfToken } from '../sessions/session-token.js';
import { MembershipStore } from '../users/membership.store.js';
import type { Correspondent } from '../users/user.store.js';
import { resetLinkMail, type ResetReason } from './password.mail.js';
import { ResetLinkStore } from './reset-link.store.js';

export const resetLinkLifetime = minutes(30);
/** As long as it is on its way, another one is of no use. */
const justSent = minutes(1);

@Injectable()
export class ResetLinks {
  constructor(
    @Inject(ResetLinkStore) private readonly links: ResetLinkStore,
    @Inject(MembershipStore) private readonly members: MembershipStore,
    @Inject(Mail) private readonly mail: Mail,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('reset_links', (now) => this.links.sweep(after(now, -hours(24))));
  }

  /** The link before this one is over. The mail goes out when, and only if, the transaction is committed. */
  async send(transaction: Transaction, { userId, username, email }: Correspondent, why: ResetReason): Promise<void> {
    const token = randomToken(256);
    const createdAt = this.clock.now();
    const link = { userId, tokenHash: hashOfToken(token), sentTo: email, createdAt, expiresAt: after(createdAt, resetLinkLifetime) };
    // The member's row comes before the link that hangs on it, as it does for whoever resets them.
    await this.members.lock(transaction, userId);
    await this.links.replace(transaction, link);
    const href = `${this.settings.config.PUBLIC_URL}/password/reset?token=${token}`;
    await this.mail.queue(transaction, email, resetLinkMail({ username, at: createdAt, href, why }));
  }

  /** Whether an open link of the last minute is at this address, or on its way there. */
  wasJustSent(transaction: Transaction, { userId, email }: Pick<Correspondent, 'userId' | 'email'>): Promise<boolean> {
    return this.links.wasSentSince(transaction, { userId, sentTo: email }, after(this.clock.now(), -justSent));
  }
}
