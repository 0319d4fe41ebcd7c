/** The form that waits in a session's row. */
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';

/** A form that waits, encrypted, in the session of this user. */
export type StoredForm = { readonly sessionId: string; readonly userId: string; readonly keptForm: string };

@Injectable()
export class KeptFormStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async keep(id: string, keptForm: string): Promise<void> {
    await this.database.session.updateMany({ where: { id }, data: { keptForm } });
  }

  async find(id: string): Promise<StoredForm | undefined> {
    return storedForm(id, await this.database.session.findUnique({ where: { id }, select: { userId: true, keptForm: true } }));
  }

  /** One of two posts at the same moment gets it. */
  async take(id: string): Promise<StoredForm | undefined> {
    const rows = await this.database.$queryRaw<{ userId: string; keptForm: string | null }[]>`
      UPDATE sessions AS s SET kept_form = NULL FROM (SELECT id, kept_form FROM sessions WHERE id = ${id}::uuid FOR UPDATE) AS before
      WHERE s.id = before.id RETURNING s.user_id AS "userId", before.kept_form AS "keptForm"`;
    return storedForm(id, rows[0]);
  }
}

function storedForm(sessionId: string, row?: { readonly userId: string; readonly keptForm: string | null } | null): StoredForm | undefined {
  return row && row.keptForm !== null ? { sessionId, userId: row.userId, keptForm: row.keptForm } : undefined;
}
