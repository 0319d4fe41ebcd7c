/** The link by which somebody joins: drawn, counted and sent, the first time and again. Opening it uses nothing up. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { Mail } from '../mail/mail.service.js';
import { after, Clock, hours } from '../platform/clock.js';
import type { Transaction } from '../platform/database.js';
import { randomToken } from '../platform/randomness.js';
import { RateLimit } from '../platform/rate-limit.js';
import { Settings } from '../platform/settings.js';
import { maskedAddress } from '../platform/wording.js';
import { hashOfToken } from '../sessions/session-token.js';
import type { MemberVisit } from '../sessions/visit.js';
import { addressKey } from './domain/pasted-addresses.js';
import { invitationMail } from './invitation.mail.js';
import type { Invitation, SentLink } from './invitation.store.js';

export const invitationLifetime = hours(72);

/** Nobody is flooded from here, and no organization becomes a sender of mail. */
const toAddress = { atMost: 3, within: hours(24) };
const ofOrganization = { atMost: 500, within: hours(24) };

export type DrawnLink = { readonly token: string; readonly link: SentLink };
type Sending = Pick<Invitation, 'email' | 'role'> & DrawnLink & { readonly isAgain: boolean };

@Injectable()
export class InvitationLinks {
  readonly canMail: boolean;

  constructor(
    @Inject(Mail) private readonly mail: Mail,
    @Inject(RateLimit) private readonly rateLimit: RateLimit,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
  ) {
    this.canMail = settings.config.MAIL_PROVIDER !== 'none';
  }

  /** Counts one mail to an address. @returns the seconds to wait when there is no room for it */
  async takeRoom({ member, address }: MemberVisit, email: string): Promise<number | undefined> {
    const { id } = member.organization;
    const seconds = await this.rateLimit.take(`invitations to ${addressKey(email)} from ${id}`, toAddress, address);
    return seconds ?? this.rateLimit.take(`invitations from ${id}`, ofOrganization, address);
  }

  draw({ member }: MemberVisit): DrawnLink {
    const token = randomToken(256);
    const sentAt = this.clock.now();
    const link = { tokenHash: hashOfToken(token), invitedById: member.userId, sentAt, expiresAt: after(sentAt, invitationLifetime) };
    return { token, link };
  }

  /** The mail goes out when, and only if, the transaction is committed. */
  async send(transaction: Transaction, visit: MemberVisit, { email, role, token, link, isAgain }: Sending): Promise<void> {
    const { name: inviter, organization } = visit.member;
    const href = `${this.settings.config.PUBLIC_URL}/invitation?token=${token}`;
    const content = invitationMail({ inviter, organizationName: organization.name, expiresAt: link.expiresAt, href });
    await this.mail.queue(transaction, email, content);
    const details = { to: maskedAddress(email), role, ...(isAgain && { again: true }) };
    await this.audit.recordActOf(transaction, visit, { kind: 'member-invited', details });
  }
}
