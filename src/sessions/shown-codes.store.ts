/** The recovery codes that a session's row shows. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';

/** Codes that are shown, encrypted, in the session of this user. */
export type StoredCodes = { readonly sessionId: string; readonly userId: string; readonly shownCodes: string | null };

@Injectable()
export class ShownCodesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async write(transaction: Transaction, id: string, shownCodes: string | null): Promise<void> {
    await transaction.session.updateMany({ where: { id }, data: { shownCodes } });
  }

  async find(id: string): Promise<StoredCodes | undefined> {
    const row = await this.database.session.findUnique({ where: { id }, select: { userId: true, shownCodes: true } });
    return row ? { sessionId: id, ...row } : undefined;
  }

  /** @returns undefined when the session was ended, or its member has no authenticator any more */
  async lock(transaction: Transaction, id: string): Promise<StoredCodes | undefined> {
    const rows = await transaction.$queryRaw<StoredCodes[]>`
      SELECT s.id AS "sessionId", s.user_id AS "userId", s.shown_codes AS "shownCodes"
      FROM sessions s JOIN authenticators a ON a.user_id = s.user_id WHERE s.id = ${id}::uuid FOR UPDATE OF s`;
    return rows[0];
  }
}
