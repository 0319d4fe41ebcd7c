/** The user rows that an import looks up and writes, many at a time. */
import type { Database, Transaction } from '../platform/database.js';
import { type NewUser, rowOf } from './user.store.js';

/** A user as another platform brings them. */
export type ImportedUser = NewUser & { readonly phoneNumber: string | null; readonly smsEnabled: boolean };
export type StoredUser = Omit<ImportedUser, 'organizationId' | 'password' | 'createdAt'> & {
  readonly usernameKey: string;
  /** the slug */
  readonly organization: string;
};

export class ImportedUserStore {
  constructor(private readonly database: Database) {}

  async findAll(usernameKeys: readonly string[]): Promise<StoredUser[]> {
    const details = { name: true, email: true, role: true, phoneNumber: true, smsEnabled: true };
    const select = { username: true, usernameKey: true, ...details, organization: { select: { slug: true } } };
    const users = await this.database.user.findMany({ where: { usernameKey: { in: [...usernameKeys] } }, select });
    return users.map(({ organization, ...user }) => ({ ...user, organization: organization.slug }));
  }

  /** @returns the ids by `usernameKey` */
  async createAll(transaction: Transaction, users: readonly ImportedUser[]): Promise<ReadonlyMap<string, string>> {
    const rows = await transaction.user.createManyAndReturn({ data: users.map(rowOf), select: { id: true, usernameKey: true } });
    return new Map(rows.map((row) => [row.usernameKey, row.id]));
  }
}
