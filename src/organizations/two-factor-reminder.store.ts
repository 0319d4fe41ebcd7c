/** Who has been reminded of which deadline: each mail once, whichever copy of Gatehouse comes first. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { sweptAtOnce } from '../platform/sweeper.js';

/** @property after, until: the deadlines that are near enough, and not so near that the next reminder is due */
export type Due = { readonly days: number; readonly after: Date; readonly until: Date };
/** @property isClaimed false where another copy was first */
export type Reminded = {
  readonly isClaimed: boolean;
  readonly userId: string;
  readonly username: string;
  readonly email: string;
  readonly organizationName: string;
  readonly deadline: Date;
};

type Slice = { readonly last: string; readonly limit: number };

@Injectable()
export class TwoFactorReminderStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /**
   * Active members without an authenticator, and with a mail address, in the order of their ids.
   * @param last the id behind which they are looked for
   */
  claim(transaction: Transaction, { days, after, until }: Due, { last, limit }: Slice): Promise<Reminded[]> {
    return transaction.$queryRaw<Reminded[]>`
      WITH due AS (
        SELECT u.id, u.username, u.email, o.name, o.two_factor_from
        FROM organizations o
        JOIN users u ON u.organization_id = o.id
        LEFT JOIN authenticators a ON a.user_id = u.id
        WHERE o.two_factor_required AND o.two_factor_from > ${after}::timestamptz AND o.two_factor_from <= ${until}::timestamptz
          AND u.id > ${last}::uuid AND u.deactivated_at IS NULL AND u.email IS NOT NULL AND NOT u.chose_two_factor AND a.user_id IS NULL
          AND NOT EXISTS (
            SELECT 1 FROM two_factor_reminders r
            WHERE r.user_id = u.id AND r.deadline = o.two_factor_from AND r.days = ${days})
        ORDER BY u.id LIMIT ${limit}),
      claimed AS (
        INSERT INTO two_factor_reminders (user_id, deadline, days)
        SELECT id, two_factor_from, ${days} FROM due ON CONFLICT DO NOTHING RETURNING user_id)
      SELECT claimed.user_id IS NOT NULL AS "isClaimed", due.id AS "userId", due.username, due.email, due.name AS "organizationName",
        due.two_factor_from AS deadline
      FROM due LEFT JOIN claimed ON claimed.user_id = due.id ORDER BY due.id`;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.twoFactorReminder.deleteMany({ where: { deadline: { lte: before } }, limit: sweptAtOnce })).count;
  }
}
