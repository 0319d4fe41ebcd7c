/** Whom the switch touches, by name. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';

export type TouchedMember = { readonly userId: string; readonly name: string; readonly username: string };
export type TouchedGroup = {
  readonly total: number;
  /** The own name, if it is among them, and the next ones by name. */
  readonly first: readonly TouchedMember[];
};

const conditions = {
  enrolled: () => Prisma.sql`a.user_id IS NOT NULL`,
  notEnrolled: () => Prisma.sql`a.user_id IS NULL`,
  withoutNumber: () => Prisma.sql`u.phone_number IS NULL`,
  signedIn: (now: Date) => Prisma.sql`EXISTS (
    SELECT 1 FROM sessions s WHERE s.user_id = u.id AND s.expires_at > ${now}::timestamptz AND s.half_open_stage IS NULL)`,
} as const;

export type Touched = Readonly<Record<keyof typeof conditions, TouchedGroup>>;

/** More names than this nobody reads; the People page has them all. */
const shown = 20;

@Injectable()
export class TouchedMembersStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /** @param first who heads the groups that they are in */
  async find(organizationId: string, first: string): Promise<Touched> {
    const now = this.clock.now();
    const group = (name: keyof typeof conditions) => this.findGroup(organizationId, conditions[name](now), first);
    const [enrolled, notEnrolled, withoutNumber, signedIn] = await Promise.all([
      group('enrolled'),
      group('notEnrolled'),
      group('withoutNumber'),
      group('signedIn'),
    ]);
    return { enrolled, notEnrolled, withoutNumber, signedIn };
  }

  private async findGroup(organizationId: string, condition: Prisma.Sql, first: string): Promise<TouchedGroup> {
    const rows = await this.database.$queryRaw<(TouchedMember & { total: number })[]>`
      SELECT u.id AS "userId", u.name, u.username, count(*) OVER ()::int AS total
      FROM users u LEFT JOIN authenticators a ON a.user_id = u.id
      WHERE u.organization_id = ${organizationId}::uuid AND u.deactivated_at IS NULL AND ${condition}
      ORDER BY (u.id = ${first}::uuid) DESC, lower(u.name), u.id LIMIT ${shown}`;
    return { total: rows[0]?.total ?? 0, first: rows.map(({ total: _, ...member }) => member) };
  }
}
