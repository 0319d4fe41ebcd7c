/** The members of an organization with what their sign-in stands on, read across the tables in one query. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database } from '../platform/database.js';
import type { Role } from '../sessions/visit.js';
import type { Filter, PeopleQuery, Sort } from './people.query.js';

export type ListedMember = {
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly role: Role;
  readonly phoneNumber: string | null;
  readonly smsEnabled: boolean;
  readonly deactivatedAt: Date | null;
  readonly lastSignInAt: Date | null;
  readonly authenticatorSince: Date | null;
  readonly codesLeft: number;
};

/** Active members, and what may keep some of them out one day. */
export type Readiness = {
  readonly members: number;
  readonly enrolled: number;
  readonly activeOwners: number;
  readonly ownersWithoutCodes: number;
  readonly onePhoneOnly: number;
};

export type Scope = {
  readonly organizationId: string;
  /** How the numbers begin that a code by SMS may go to; empty where none may go anywhere. */
  readonly smsPrefixes: readonly string[];
  /** Who has not signed in since counts as inactive. */
  readonly inactiveSince: Date;
};

type Which = Pick<PeopleQuery, 'q' | 'filter'>;
type Order = Pick<PeopleQuery, 'sort' | 'isDescending'>;
type Slice = { readonly limit: number; readonly offset: number };

const hasCodes = Prisma.sql`EXISTS (SELECT 1 FROM recovery_codes r WHERE r.user_id = u.id AND r.used_at IS NULL)`;
const isActive = Prisma.sql`u.deactivated_at IS NULL`;

const listed = Prisma.sql`u.id AS "userId", u.username, u.name, u.email, u.role::text AS role, u.phone_number AS "phoneNumber",
  u.sms_enabled AS "smsEnabled", u.deactivated_at AS "deactivatedAt", u.last_sign_in_at AS "lastSignInAt",
  a.confirmed_at AS "authenticatorSince",
  (SELECT count(*)::int FROM recovery_codes r WHERE r.user_id = u.id AND r.used_at IS NULL) AS "codesLeft"`;

@Injectable()
export class MemberListStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  find(scope: Scope, which: Which, { limit, offset, ...order }: Order & Slice): Promise<ListedMember[]> {
    return this.database.$queryRaw<ListedMember[]>`
      SELECT ${listed} FROM users u LEFT JOIN authenticators a ON a.user_id = u.id
      WHERE ${conditionOf(scope, which)}
      ORDER BY ${orderOf(order)} LIMIT ${limit} OFFSET ${offset}`;
  }

  /** All of them, in that order. */
  async findIds(scope: Scope, which: Which, order: Order): Promise<readonly string[]> {
    const rows = await this.database.$queryRaw<{ id: string }[]>`
      SELECT u.id FROM users u LEFT JOIN authenticators a ON a.user_id = u.id
      WHERE ${conditionOf(scope, which)} ORDER BY ${orderOf(order)}`;
    return rows.map(({ id }) => id);
  }

  /** As they are now, in the order of the ids. */
  findThese(ids: readonly string[]): Promise<ListedMember[]> {
    return this.database.$queryRaw<ListedMember[]>`
      SELECT ${listed} FROM unnest(${ids}::uuid[]) WITH ORDINALITY AS these (id, place)
        JOIN users u ON u.id = these.id LEFT JOIN authenticators a ON a.user_id = u.id
      ORDER BY these.place`;
  }

  async count(scope: Scope, which: Which): Promise<number> {
    const rows = await this.database.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM users u LEFT JOIN authenticators a ON a.user_id = u.id WHERE ${conditionOf(scope, which)}`;
    return rows[0]?.count ?? 0;
  }

  async countReadiness(scope: Scope): Promise<Readiness> {
    const rows = await this.database.$queryRaw<Readiness[]>`
      SELECT count(*)::int AS members, count(a.user_id)::int AS enrolled,
        (count(*) FILTER (WHERE u.role = 'OWNER'))::int AS "activeOwners",
        (count(*) FILTER (WHERE u.role = 'OWNER' AND NOT ${hasCodes}))::int AS "ownersWithoutCodes",
        (count(*) FILTER (WHERE ${onePhoneOnly(scope)}))::int AS "onePhoneOnly"
      FROM users u LEFT JOIN authenticators a ON a.user_id = u.id
      WHERE u.organization_id = ${scope.organizationId}::uuid AND ${isActive}`;
    const [readiness] = rows;
    if (!readiness) throw new Error('a count gave no row');
    return readiness;
  }
}

function conditionOf(scope: Scope, { q, filter }: Which): Prisma.Sql {
  const own = Prisma.sql`u.organization_id = ${scope.organizationId}::uuid AND ${filterOf(filter, scope)}`;
  if (q === '') return own;
  const pattern = `%${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  return Prisma.sql`${own} AND (lower(u.name) LIKE ${pattern} OR lower(u.username) LIKE ${pattern} OR lower(u.email) LIKE ${pattern})`;
}

function filterOf(filter: Filter, scope: Scope): Prisma.Sql {
  switch (filter) {
    case 'active':
      return isActive;
    case 'not-enrolled':
      return Prisma.sql`${isActive} AND a.user_id IS NULL`;
    case 'no-number':
      return Prisma.sql`${isActive} AND u.phone_number IS NULL`;
    case 'inactive':
      return Prisma.sql`${isActive} AND COALESCE(u.last_sign_in_at, u.created_at) <= ${scope.inactiveSince}::timestamptz`;
    case 'owners-without-codes':
      return Prisma.sql`${isActive} AND u.role = 'OWNER' AND NOT ${hasCodes}`;
    case 'one-phone-only':
      return Prisma.sql`${isActive} AND ${onePhoneOnly(scope)}`;
    case 'deactivated':
      return Prisma.sql`u.deactivated_at IS NOT NULL`;
    case 'all':
      return Prisma.sql`TRUE`;
  }
}

/** The app is all they have: no recovery code is left, and no SMS would come. */
function onePhoneOnly({ smsPrefixes }: Scope): Prisma.Sql {
  const patterns = smsPrefixes.map((prefix) => `${prefix}%`);
  return Prisma.sql`a.user_id IS NOT NULL AND NOT ${hasCodes} AND (u.phone_number LIKE ANY(${patterns}::text[]) AND u.sms_enabled) IS NOT TRUE`;
}

const columns: Readonly<Record<Sort, Prisma.Sql>> = {
  name: Prisma.sql`lower(u.name)`,
  role: Prisma.sql`u.role`,
  enrolled: Prisma.sql`a.confirmed_at`,
  'last-sign-in': Prisma.sql`u.last_sign_in_at`,
};

function orderOf({ sort, isDescending }: Order): Prisma.Sql {
  const direction = isDescending ? Prisma.sql`DESC NULLS LAST` : Prisma.sql`ASC NULLS FIRST`;
  return Prisma.sql`${columns[sort]} ${direction}, lower(u.name), u.id`;
}
