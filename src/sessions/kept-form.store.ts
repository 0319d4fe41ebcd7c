/** The form that waits in a session's row. */
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../platform/database.js';

@Injectable()
export class KeptFormStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async keep(id: string, keptForm: string): Promise<void> {
    await this.database.session.updateMany({ where: { id }, data: { keptForm } });
  }

  async find(id: string): Promise<string | null> {
    return (await this.database.session.findUnique({ where: { id }, select: { keptForm: true } }))?.keptForm ?? null;
  }

  /** One of two posts at the same moment gets it. */
  async take(id: string): Promise<string | null> {
    const rows = await this.database.$queryRaw<{ keptForm: string | null }[]>`
      UPDATE sessions AS s SET kept_form = NULL FROM (SELECT id, kept_form FROM sessions WHERE id = ${id}::uuid FOR UPDATE) AS before
      WHERE s.id = before.id RETURNING before.kept_form AS "keptForm"`;
    return rows[0]?.keptForm ?? null;
  }
}
