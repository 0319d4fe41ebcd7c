/** Members as their organization manages them: role, and whether they are active. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import type { MemberVisit, Role } from '../sessions/visit.js';
import { type NewUser, rowOf } from './user.store.js';
import { isUnusable } from './password-hash.js';
import { usernameKey } from './username.js';

export type ManagedMember = {
  readonly userId: string;
  readonly username: string;
  readonly role: Role;
  readonly email: string | null;
  readonly deactivatedAt: Date | null;
};

const select = { id: true, username: true, role: true, email: true, deactivatedAt: true } as const;
const activeOwner = { role: 'OWNER', deactivatedAt: null } as const;

@Injectable()
export class MembershipStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Of this organization alone: another one's member is none. */
  async find(organizationId: string, username: string, transaction: Transaction = this.database): Promise<ManagedMember | undefined> {
    // An address can hold it, and PostgreSQL cannot: nobody is called that.
    if (username.includes('\0')) return undefined;
    const row = await transaction.user.findFirst({ where: { organizationId, usernameKey: usernameKey(username) }, select });
    if (!row) return undefined;
    const { id, ...member } = row;
    return { userId: id, ...member };
  }

  /** @returns the new member's id; undefined when somebody has the username already */
  async add(transaction: Transaction, user: NewUser): Promise<string | undefined> {
    const rows = await transaction.user.createManyAndReturn({ data: [rowOf(user)], select: { id: true }, skipDuplicates: true });
    return rows[0]?.id;
  }

  /** @returns which of these addresses, in small letters, an active member is reached at or signs in with */
  async findAddressed(organizationId: string, addresses: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = [...addresses];
    const rows = await this.database.$queryRaw<{ email: string | null; usernameKey: string }[]>`
      SELECT lower(email) AS email, username_key AS "usernameKey" FROM users
      WHERE organization_id = ${organizationId}::uuid AND deactivated_at IS NULL
        AND (lower(email) = ANY(${wanted}::text[]) OR username_key = ANY(${wanted}::text[]))`;
    return new Set(rows.flatMap(({ email, usernameKey: key }) => (email === null ? [key] : [email, key])));
  }

  /** The role that an active member has now; undefined for who is deactivated, and for a session that was ended. */
  async findRole(transaction: Transaction, { session, member }: MemberVisit): Promise<Role | undefined> {
    const where = { id: member.userId, deactivatedAt: null, sessions: { some: { id: session.id } } };
    return (await transaction.user.findFirst({ where, select: { role: true } }))?.role;
  }

  /** Whether their password was ended, and no new one has been chosen since. */
  async hasNoPassword(transaction: Transaction, userId: string): Promise<boolean> {
    const user = await transaction.user.findUnique({ where: { id: userId }, select: { passwordHash: true } });
    return user !== null && isUnusable(user.passwordHash);
  }

  async countActiveOwners(transaction: Transaction, organizationId: string): Promise<number> {
    return transaction.user.count({ where: { organizationId, ...activeOwner } });
  }

  /**
   * Whoever changes something about a member that sessions hang on takes their row first. Not FOR UPDATE: it would wait for, and be
   * waited for by, whoever writes a row that refers to the member.
   */
  async lock(transaction: Transaction, userId: string): Promise<void> {
    await transaction.$queryRaw`SELECT id FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`;
  }

  /** @returns false when it stood so already */
  async changeRole(transaction: Transaction, userId: string, role: Role): Promise<boolean> {
    return (await transaction.user.updateMany({ where: { id: userId, role: { not: role } }, data: { role } })).count === 1;
  }

  /** @returns false when it stood so already */
  async deactivate(transaction: Transaction, userId: string, deactivatedAt: Date): Promise<boolean> {
    return (await transaction.user.updateMany({ where: { id: userId, deactivatedAt: null }, data: { deactivatedAt } })).count === 1;
  }

  /** @returns false when it stood so already */
  async reactivate(transaction: Transaction, userId: string): Promise<boolean> {
    const where = { id: userId, deactivatedAt: { not: null } };
    return (await transaction.user.updateMany({ where, data: { deactivatedAt: null } })).count === 1;
  }

  /** Where the active members of these roles are reached, but one. */
  async findAddresses(
    transaction: Transaction,
    organizationId: string,
    { roles, exceptId }: { readonly roles: readonly Role[]; readonly exceptId: string },
  ): Promise<readonly string[]> {
    const where = { organizationId, role: { in: [...roles] }, deactivatedAt: null, email: { not: null }, id: { not: exceptId } };
    const rows = await transaction.user.findMany({ where, select: { email: true } });
    return rows.flatMap(({ email }) => (email === null ? [] : [email]));
  }
}
