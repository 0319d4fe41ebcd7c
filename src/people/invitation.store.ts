/** Invitations: one open for an address in an organization, its link as a hash, and one use. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import type { Role } from '../sessions/visit.js';
import { addressKey } from './domain/pasted-addresses.js';

/** A link as it was sent last: by whom, and how long it works. */
export type SentLink = { readonly tokenHash: string; readonly invitedById: string; readonly sentAt: Date; readonly expiresAt: Date };
export type NewInvitation = SentLink & { readonly organizationId: string; readonly email: string; readonly role: Role };

/** As its organization manages it. */
export type Invitation = Pick<NewInvitation, 'email' | 'role' | 'sentAt'> & {
  readonly id: string;
  /** It can be sent again: one whose time is over, too. */
  readonly isOpen: boolean;
  readonly isWithdrawn: boolean;
};
/** One that is open, or whose time is over. `inviterRole` is null where the inviter is no active member any more. */
export type ListedInvitation = Omit<Invitation, 'isOpen' | 'isWithdrawn'> & {
  readonly expiresAt: Date;
  readonly inviter: string | null;
  readonly inviterRole: Role | null;
};
/** As its link opens it, while the inviter is an active member. */
export type OpenInvitation = Pick<NewInvitation, 'organizationId' | 'email' | 'role' | 'expiresAt'> & {
  readonly id: string;
  readonly organizationName: string;
  readonly inviter: string;
  readonly inviterRole: Role;
};

const keyOf = (organizationId: string, address: string) => `${organizationId} ${addressKey(address)}`;

@Injectable()
export class InvitationStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** In place of one whose time is over. @returns false when one is open */
  async create(transaction: Transaction, { sentAt, ...invitation }: NewInvitation): Promise<boolean> {
    const openFor = keyOf(invitation.organizationId, invitation.email);
    await transaction.invitation.updateMany({ where: { openFor, expiresAt: { lte: sentAt } }, data: { openFor: null } });
    const data = [{ ...invitation, openFor, sentAt, invitedAt: sentAt }];
    return (await transaction.invitation.createMany({ data, skipDuplicates: true })).count === 1;
  }

  /** @returns by whom, and when, the open ones of these addresses were sent last, by the address in small letters */
  async findOpenFor(
    organizationId: string,
    addresses: readonly string[],
    now: Date,
  ): Promise<ReadonlyMap<string, Pick<SentLink, 'invitedById' | 'sentAt'>>> {
    const openFor = { in: addresses.map((address) => keyOf(organizationId, address)) };
    const select = { email: true, invitedById: true, sentAt: true };
    const rows = await this.database.invitation.findMany({ where: { openFor, expiresAt: { gt: now } }, select });
    return new Map(rows.map(({ email, ...sent }) => [addressKey(email), sent]));
  }

  /** The newest first. */
  async findListed(organizationId: string, { limit, offset }: { limit: number; offset: number }): Promise<readonly ListedInvitation[]> {
    return this.database.$queryRaw<ListedInvitation[]>`
      SELECT i.id, i.email, i.role::text AS role, i.sent_at AS "sentAt", i.expires_at AS "expiresAt", u.name AS inviter,
        CASE WHEN u.deactivated_at IS NULL THEN u.role::text END AS "inviterRole"
      FROM invitations i LEFT JOIN users u ON u.id = i.invited_by_id AND u.organization_id = i.organization_id
      WHERE i.organization_id = ${organizationId}::uuid AND i.open_for IS NOT NULL
      ORDER BY i.sent_at DESC, i.id DESC LIMIT ${limit} OFFSET ${offset}`;
  }

  async countListed(organizationId: string): Promise<number> {
    return this.database.invitation.count({ where: { organizationId, openFor: { not: null } } });
  }

  /** Of this organization alone: another one's invitation is none. */
  async find(organizationId: string, id: string, transaction: Transaction = this.database): Promise<Invitation | undefined> {
    const select = { id: true, email: true, role: true, sentAt: true, openFor: true, withdrawnAt: true };
    const row = await transaction.invitation.findFirst({ where: { id, organizationId }, select });
    if (!row) return undefined;
    const { openFor, withdrawnAt, ...invitation } = row;
    return { ...invitation, isOpen: openFor !== null, isWithdrawn: withdrawnAt !== null };
  }

  /** The link before this one is over. @returns false when the invitation is */
  async renew(transaction: Transaction, id: string, link: SentLink): Promise<boolean> {
    return (await transaction.invitation.updateMany({ where: { id, openFor: { not: null } }, data: link })).count === 1;
  }

  /** @returns false when it was accepted or withdrawn already */
  async withdraw(transaction: Transaction, id: string, withdrawnAt: Date): Promise<boolean> {
    const where = { id, openFor: { not: null } };
    return (await transaction.invitation.updateMany({ where, data: { withdrawnAt, openFor: null } })).count === 1;
  }

  async findByLink(tokenHash: string, now: Date, transaction: Transaction = this.database): Promise<OpenInvitation | undefined> {
    const rows = await transaction.$queryRaw<OpenInvitation[]>`
      SELECT i.id, i.organization_id AS "organizationId", o.name AS "organizationName", i.email, i.role::text AS role,
        i.expires_at AS "expiresAt", u.name AS inviter, u.role::text AS "inviterRole"
      FROM invitations i JOIN organizations o ON o.id = i.organization_id
        JOIN users u ON u.id = i.invited_by_id AND u.organization_id = i.organization_id AND u.deactivated_at IS NULL
      WHERE i.token_hash = ${tokenHash} AND i.open_for IS NOT NULL AND i.expires_at > ${now}::timestamptz`;
    return rows[0];
  }

  /** Uses the link up. @returns false when another post was first, or it is over */
  async accept(transaction: Transaction, tokenHash: string, accepted: { acceptedById: string; acceptedAt: Date }): Promise<boolean> {
    const where = { tokenHash, openFor: { not: null }, expiresAt: { gt: accepted.acceptedAt } };
    return (await transaction.invitation.updateMany({ where, data: { ...accepted, openFor: null } })).count === 1;
  }

  async wasAcceptedSince(tokenHash: string, acceptedById: string, since: Date): Promise<boolean> {
    return (await this.database.invitation.count({ where: { tokenHash, acceptedById, acceptedAt: { gt: since } } })) > 0;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.invitation.deleteMany({ where: { expiresAt: { lte: before } }, limit: sweptAtOnce })).count;
  }
}
