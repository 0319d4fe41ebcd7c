/** The authenticator rows: confirmed ones, with the newest step that was accepted. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import type { Transaction } from '../platform/database.js';
import { Encryption } from '../platform/encryption.js';
import { asOneParameter } from '../platform/rows.js';
import type { Sql } from '../platform/statement.js';

export type NewAuthenticator = {
  readonly userId: string;
  readonly secret: string;
  readonly confirmedAt: Date;
  readonly lastUsedStep: number;
};

type Claim = { readonly confirmedAt: Date; readonly step: number };

export const boundTo = (userId: string) => `authenticators:secret:${userId}`;

@Injectable()
export class AuthenticatorStore {
  constructor(@Inject(Encryption) private readonly encryption: Encryption) {}

  /**
   * @param stored the secret as it stands in the row
   * @throws SecretUnreadableError when it was changed or moved: nobody is let in
   */
  reveal(userId: string, stored: string): string {
    return this.encryption.decrypt(stored, boundTo(userId));
  }

  /**
   * A part: uses a step up, once, and nothing at or before it again (RFC 6238, 5.2). Gives no row when it was used, or the
   * authenticator is not the one any more that the code was compared with.
   */
  claimingStep(userId: string, { confirmedAt, step }: Claim, when: Sql): Sql {
    return Prisma.sql`
      UPDATE authenticators SET last_used_step = ${step}::int
      WHERE user_id = ${userId}::uuid AND confirmed_at = ${confirmedAt}::timestamptz AND last_used_step < ${step}::int AND ${when}
      RETURNING user_id`;
  }

  /** @returns false when the user has an authenticator already: another sign-in was first */
  async add(transaction: Transaction, authenticator: NewAuthenticator): Promise<boolean> {
    const { count } = await transaction.authenticator.createMany({ data: [this.sealed(authenticator)], skipDuplicates: true });
    return count === 1;
  }

  /** For users who were created in this transaction. */
  async addAll(transaction: Transaction, authenticators: readonly NewAuthenticator[]): Promise<void> {
    const rows = authenticators.map((authenticator) => this.sealed(authenticator));
    await transaction.$executeRaw`
      INSERT INTO authenticators (user_id, secret, confirmed_at, last_used_step)
      SELECT "userId", secret, "confirmedAt", "lastUsedStep"
      FROM json_to_recordset(${asOneParameter(rows)}) AS r ("userId" uuid, secret text, "confirmedAt" timestamptz, "lastUsedStep" int)`;
  }

  /** @returns false when the authenticator is not the one of `since` any more */
  async replace(transaction: Transaction, since: Date, authenticator: NewAuthenticator): Promise<boolean> {
    const { userId, ...data } = this.sealed(authenticator);
    const { count } = await transaction.authenticator.updateMany({ where: { userId, confirmedAt: since }, data });
    return count === 1;
  }

  /** @returns whether there was one */
  async remove(transaction: Transaction, userId: string): Promise<boolean> {
    return (await transaction.authenticator.deleteMany({ where: { userId } })).count === 1;
  }

  private sealed(authenticator: NewAuthenticator): NewAuthenticator {
    return { ...authenticator, secret: this.encryption.encrypt(authenticator.secret, boundTo(authenticator.userId)) };
  }
}
