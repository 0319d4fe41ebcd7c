/** Who a username belongs to, with all that a sign-in has to know of them, read at once; a claimant until they have proven it. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database } from '../platform/database.js';
import { type UserFacts, userFacts } from '../sessions/session.store.js';
import type { PasswordScheme } from '../users/password-hash.js';
import type { OrganizationMember } from '../users/user.store.js';

export type Claimant = OrganizationMember & {
  readonly password: { readonly hash: string; readonly scheme: PasswordScheme };
  readonly lastSignInAt: Date | null;
  readonly facts: UserFacts;
  /** The key of the browser that a link has admitted, while it is. */
  readonly admittedKey: string | null;
};

type ClaimantRow = UserFacts & {
  readonly userId: string;
  readonly username: string;
  readonly organizationId: string;
  readonly hash: string;
  readonly scheme: PasswordScheme;
  readonly lastSignInAt: Date | null;
  readonly admittedKey: string | null;
};

@Injectable()
export class ClaimantStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** One query, whether somebody has the name, and has admitted a browser, or not. */
  findByName(usernameKey: string, now: Date): Promise<Claimant | undefined> {
    return this.find(Prisma.sql`u.username_key = ${usernameKey}`, now);
  }

  findById(userId: string, now: Date): Promise<Claimant | undefined> {
    return this.find(Prisma.sql`u.id = ${userId}::uuid`, now);
  }

  private async find(isMeant: Prisma.Sql, now: Date): Promise<Claimant | undefined> {
    const [row] = await this.database.ask<ClaimantRow>(Prisma.sql`
      SELECT u.id AS "userId", u.username, u.organization_id AS "organizationId", u.password_hash AS hash,
        u.password_scheme::text AS scheme, u.last_sign_in_at AS "lastSignInAt", d.browser_key AS "admittedKey", ${userFacts}
      FROM users u
      JOIN organizations o ON o.id = u.organization_id
      LEFT JOIN authenticators a ON a.user_id = u.id
      LEFT JOIN admissions d ON d.user_id = u.id AND d.admitted_until > ${now}::timestamptz
      WHERE ${isMeant}`);
    if (!row) return undefined;
    const { userId, username, organizationId, hash, scheme, lastSignInAt, admittedKey, ...facts } = row;
    return { userId, username, organization: { id: organizationId }, password: { hash, scheme }, lastSignInAt, admittedKey, facts };
  }
}
