/** The recovery codes that a session's row shows. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';

@Injectable()
export class ShownCodesStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  async write(transaction: Transaction, id: string, shownCodes: string | null): Promise<void> {
    await transaction.session.updateMany({ where: { id }, data: { shownCodes } });
  }

  async find(id: string): Promise<string | null> {
    return (await this.database.session.findUnique({ where: { id }, select: { shownCodes: true } }))?.shownCodes ?? null;
  }

  async lock(transaction: Transaction, id: string): Promise<string | null> {
    const rows = await transaction.$queryRaw<{ shownCodes: string | null }[]>`
      SELECT shown_codes AS "shownCodes" FROM sessions WHERE id = ${id}::uuid FOR UPDATE`;
    return rows[0]?.shownCodes ?? null;
  }
}
