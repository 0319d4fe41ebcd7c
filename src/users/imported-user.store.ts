/** The user rows that an import looks up and writes, many at a time. */
import { Prisma } from '../generated/prisma/client.js';
import type { Database, Transaction } from '../platform/database.js';
import { randomId } from '../platform/randomness.js';
import { asOneParameter } from '../platform/rows.js';
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
    return this.database.ask<StoredUser>(Prisma.sql`
      SELECT u.username, u.username_key AS "usernameKey", u.name, u.email, u.role, u.phone_number AS "phoneNumber",
        u.sms_enabled AS "smsEnabled", o.slug AS organization
      FROM users u JOIN organizations o ON o.id = u.organization_id WHERE u.username_key = ANY (${usernameKeys}::text[])`);
  }

  /** @returns the ids by `usernameKey` */
  async createAll(transaction: Transaction, users: readonly ImportedUser[]): Promise<ReadonlyMap<string, string>> {
    const rows = users.map((user) => ({ id: randomId(), ...rowOf(user) }));
    await transaction.$executeRaw`
      INSERT INTO users (id, organization_id, username, username_key, name, email, role, password_hash, password_scheme, phone_number,
        sms_enabled, created_at)
      SELECT id, "organizationId", username, "usernameKey", name, email, role, "passwordHash", "passwordScheme", "phoneNumber",
        "smsEnabled", "createdAt"
      FROM json_to_recordset(${asOneParameter(rows)}) AS r (id uuid, "organizationId" uuid, username text, "usernameKey" text, name text,
        email text, role "Role", "passwordHash" text, "passwordScheme" "PasswordScheme", "phoneNumber" text, "smsEnabled" boolean,
        "createdAt" timestamptz)`;
    return new Map(rows.map((row) => [row.usernameKey, row.id]));
  }
}
