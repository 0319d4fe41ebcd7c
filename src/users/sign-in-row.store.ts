/** A member's row at a sign-in: held as it was read, and marked when the sign-in is complete. */
import { Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import type { Transaction } from '../platform/database.js';
import { always, type Sql } from '../platform/statement.js';
import type { UserFacts } from '../sessions/session.store.js';
import type { PasswordProof, PhoneFacts } from './user.store.js';

/** A member as they were read, and the hash that the password was compared with. */
export type AsRead = PasswordProof & { readonly lastSignInAt: Date | null; readonly facts: UserFacts };

type Arriving = { readonly at: Date; readonly when: Sql; readonly isNumberProven: boolean };

@Injectable()
export class SignInRowStore {
  /**
   * A part: holds the member's row, which comes before their sessions, and gives it only while the password that was compared is
   * theirs, they are active, and all that was read of them stands, their last sign-in too; of the policy and the authenticator,
   * as they stood when the statement began.
   */
  holding({ userId, hash, lastSignInAt, facts }: AsRead): Sql {
    const { choseTwoFactor, twoFactorRequired, twoFactorFrom, authenticatorSince } = facts;
    return Prisma.sql`
      SELECT u.id FROM users u JOIN organizations o ON o.id = u.organization_id LEFT JOIN authenticators a ON a.user_id = u.id
      WHERE u.id = ${userId}::uuid AND u.password_hash = ${hash} AND u.deactivated_at IS NULL
        AND u.last_sign_in_at IS NOT DISTINCT FROM ${lastSignInAt}::timestamptz
        AND u.chose_two_factor = ${choseTwoFactor}::boolean AND o.two_factor_required = ${twoFactorRequired}::boolean
        AND o.two_factor_from IS NOT DISTINCT FROM ${twoFactorFrom}::timestamptz
        AND a.confirmed_at IS NOT DISTINCT FROM ${authenticatorSince}::timestamptz
      FOR NO KEY UPDATE OF u`;
  }

  /**
   * A part: the same for a member who has entered their password, while nobody has signed in to their account since then, and with
   * `phone`, while number and switch are the ones that a code went to.
   */
  holdingSince(userId: string, lastSignInAt: Date | null, phone: PhoneFacts | undefined): Sql {
    return Prisma.sql`
      SELECT id FROM users
      WHERE id = ${userId}::uuid AND last_sign_in_at IS NOT DISTINCT FROM ${lastSignInAt}::timestamptz AND ${phone ? isPhone(phone) : always}
      FOR NO KEY UPDATE`;
  }

  async markSignIn(transaction: Transaction, id: string, lastSignInAt: Date): Promise<void> {
    await transaction.user.updateMany({ where: { id }, data: { lastSignInAt } });
  }

  /** A part: a sign-in was completed. */
  arriving(id: string, { at, when, isNumberProven }: Arriving): Sql {
    return Prisma.sql`
      UPDATE users SET last_sign_in_at = ${at}::timestamptz,
        phone_verified_at = CASE WHEN ${isNumberProven}::boolean THEN ${at}::timestamptz ELSE phone_verified_at END
      WHERE id = ${id}::uuid AND ${when}`;
  }
}

function isPhone({ phoneNumber, phoneNumberAt, smsEnabled, smsSwitchedAt }: PhoneFacts): Sql {
  return Prisma.sql`phone_number IS NOT DISTINCT FROM ${phoneNumber}::text AND sms_enabled = ${smsEnabled}::boolean
    AND phone_number_at IS NOT DISTINCT FROM ${phoneNumberAt}::timestamptz
    AND sms_switched_at IS NOT DISTINCT FROM ${smsSwitchedAt}::timestamptz`;
}
