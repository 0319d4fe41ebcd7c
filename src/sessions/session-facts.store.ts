/**
 * Whose session a cookie names, with its member, organization and authenticator: the one query of a signed-in page. Requests that
 * arrive at one moment are looked up by one statement.
 */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database } from '../platform/database.js';
import { Gathering } from '../platform/gathering.js';
import type { SignInFacts } from './domain/sign-in-stage.js';
import { userFacts } from './session.store.js';
import type { Role } from './visit.js';

export type SessionRow = SignInFacts & {
  readonly id: string;
  readonly tokenHash: string;
  readonly passwordAt: Date;
  readonly lastSeenAt: Date;
  readonly returnTo: string | null;
  readonly rotatedAt: Date | null;
  readonly rotatedByPost: string | null;
  readonly rotatedTo: string | null;
  readonly userId: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  /** E.164 */
  readonly phoneNumber: string | null;
  readonly role: Role;
  readonly organizationId: string;
  readonly organizationName: string;
};
type FoundRow = SessionRow & { readonly previousTokenHash: string | null };

@Injectable()
export class SessionFactsStore {
  private readonly gathering = new Gathering((tokenHashes: readonly string[]) => this.findAll(tokenHashes));

  constructor(@Inject(Database) private readonly database: Database) {}

  /** The session whose cookie has this hash now, or had it before its last rotation. */
  find(tokenHash: string): Promise<SessionRow | undefined> {
    return this.gathering.ask(tokenHash);
  }

  private async findAll(tokenHashes: readonly string[]): Promise<ReadonlyMap<string, SessionRow>> {
    const rows = await this.database.ask<FoundRow>(Prisma.sql`
      SELECT s.id, s.token_hash AS "tokenHash", s.previous_token_hash AS "previousTokenHash", s.password_at AS "passwordAt",
        s.expires_at AS "expiresAt", s.last_seen_at AS "lastSeenAt",
        s.second_factor_at AS "secondFactorAt", s.second_factor_method::text AS "secondFactorMethod",
        lower(s.half_open_stage::text) AS "halfOpenStage", s.half_open_since AS "halfOpenSince", s.return_to AS "returnTo",
        s.rotated_at AS "rotatedAt", s.rotated_by_post AS "rotatedByPost", s.rotated_to AS "rotatedTo",
        u.id AS "userId", u.username, u.name, u.email, u.phone_number AS "phoneNumber", u.role::text AS role,
        o.id AS "organizationId", o.name AS "organizationName", ${userFacts}
      FROM sessions s
      JOIN users u ON u.id = s.user_id
      JOIN organizations o ON o.id = u.organization_id
      LEFT JOIN authenticators a ON a.user_id = u.id
      WHERE ${isOneOf(tokenHashes)}`);
    const before = rows.flatMap((row): [string, SessionRow][] => (row.previousTokenHash === null ? [] : [[row.previousTokenHash, row]]));
    return new Map([...before, ...rows.map((row): [string, SessionRow] => [row.tokenHash, row])]);
  }
}

/** PostgreSQL plans for one value once, and for an array anew each time: three times what it takes to look one up. */
function isOneOf(tokenHashes: readonly string[]): Prisma.Sql {
  const [first, ...others] = tokenHashes;
  if (others.length === 0) return Prisma.sql`s.token_hash = ${first} OR s.previous_token_hash = ${first}`;
  const hashes = [...tokenHashes];
  return Prisma.sql`s.token_hash = ANY(${hashes}::text[]) OR s.previous_token_hash = ANY(${hashes}::text[])`;
}
