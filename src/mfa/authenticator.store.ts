/** The authenticator rows: confirmed ones, with the newest step that was accepted. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { Encryption } from '../platform/encryption.js';

export type NewAuthenticator = {
  readonly userId: string;
  readonly secret: string;
  readonly confirmedAt: Date;
  readonly lastUsedStep: number;
};

type Confirmed = { readonly secret: string; readonly confirmedAt: Date };
type Claim = { readonly confirmedAt: Date; readonly step: number };

export const boundTo = (userId: string) => `authenticators:secret:${userId}`;

@Injectable()
export class AuthenticatorStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Encryption) private readonly encryption: Encryption,
  ) {}

  /** @throws SecretUnreadableError when the stored secret was changed or moved: nobody is let in */
  async find(userId: string): Promise<Confirmed | undefined> {
    const row = await this.database.authenticator.findUnique({ where: { userId }, select: { secret: true, confirmedAt: true } });
    return row ? { secret: this.encryption.decrypt(row.secret, boundTo(userId)), confirmedAt: row.confirmedAt } : undefined;
  }

  /**
   * Uses a step up: once, and nothing at or before it again (RFC 6238, 5.2).
   * @returns false when it was used, or the authenticator is not the one any more that the code was compared with
   */
  async claimStep(transaction: Transaction, userId: string, { confirmedAt, step }: Claim): Promise<boolean> {
    const { count } = await transaction.authenticator.updateMany({
      where: { userId, confirmedAt, lastUsedStep: { lt: step } },
      data: { lastUsedStep: step },
    });
    return count === 1;
  }

  /** @returns false when the user has an authenticator already: another sign-in was first */
  async add(transaction: Transaction, authenticator: NewAuthenticator): Promise<boolean> {
    const { count } = await transaction.authenticator.createMany({ data: [this.sealed(authenticator)], skipDuplicates: true });
    return count === 1;
  }

  /** For users who were created in this transaction. */
  async addAll(transaction: Transaction, authenticators: readonly NewAuthenticator[]): Promise<void> {
    await transaction.authenticator.createMany({ data: authenticators.map((authenticator) => this.sealed(authenticator)) });
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
