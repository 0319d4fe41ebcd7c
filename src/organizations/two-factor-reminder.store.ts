/** Who has been reminded of which deadline: each mail once, whichever copy of Gatehouse comes first. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';

/** @property after, until: the deadlines that are near enough, and not so near that the next reminder is due */
export type Due = { readonly days: number; readonly after: Date; readonly until: Date };
export type Reminded = {
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly organizationName: string;
  readonly deadline: Date;
};

@Injectable()
export class TwoFactorReminderStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Active members without an authenticator, and with a mail address. */
  claim(transaction: Transaction, { days, after, until }: Due, limit: number): Promise<Reminded[]> {
    return transaction.$queryRaw<Reminded[]>`
      WITH due AS (
        SELECT u.id, u.username, u.email, o.name, o.two_factor_from
        FROM organizations o
        JOIN users u ON u.organization_id = o.id
        LEFT JOIN authenticators a ON a.user_id = u.id
        WHERE o.two_factor_required AND o.two_factor_from > ${after}::timestamptz AND o.two_factor_from <= ${until}::timestamptz
          AND u.deactivated_at IS NULL AND u.email IS NOT NULL AND NOT u.chose_two_factor AND a.user_id IS NULL
          AND NOT EXISTS (
            SELECT 1 FROM two_factor_reminders r
            WHERE r.user_id = u.id AND r.deadline = o.two_factor_from AND r.days = ${days})
        LIMIT ${limit}),
      claimed AS (
        INSERT INTO two_factor_reminders (user_id, deadline, days)
        SELECT id, two_factor_from, ${days} FROM due ON CONFLICT DO NOTHING RETURNING user_id)
      SELECT due.id AS "userId", due.username, due.email, due.name AS "organizationName", due.two_factor_from AS deadline
      FROM due JOIN claimed ON claimed.user_id = due.id`;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.twoFactorReminder.deleteMany({ where: { deadline: { lte: before } } })).count;
  }
}
