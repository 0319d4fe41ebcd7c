/** The secrets that are shown as a QR code and not confirmed yet: one a session, seen by nobody else. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { Encryption } from '../platform/encryption.js';
import { Log } from '../platform/log.js';
import { sweptAtOnce } from '../platform/sweeper.js';
import { tellUnreadable } from '../platform/unreadable-secret.js';

type Pending = { readonly sessionId: string; readonly userId: string; readonly secret: string; readonly createdAt: Date };

export const boundTo = ({ sessionId, userId }: Pick<Pending, 'sessionId' | 'userId'>) =>
  `pending_authenticators:secret:${userId}:${sessionId}`;

@Injectable()
export class PendingAuthenticatorStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Encryption) private readonly encryption: Encryption,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * One that cannot be read is taken away and makes room for another: nobody has confirmed it.
   * @param since older ones are over
   */
  async find(sessionId: string, since: Date): Promise<string | undefined> {
    const row = await this.database.pendingAuthenticator.findFirst({ where: { sessionId, createdAt: { gt: since } } });
    if (!row) return undefined;
    try {
      return this.encryption.decrypt(row.secret, boundTo(row));
    } catch (error) {
      tellUnreadable(this.log, error, { table: 'pending_authenticators', user: row.userId });
      await this.database.pendingAuthenticator.deleteMany({ where: { sessionId, secret: row.secret } });
      return undefined;
    }
  }

  /** Keeps the secret unless the session has one that is newer than `since`: two tabs end with the same one. */
  async create(pending: Pending, since: Date): Promise<void> {
    const secret = this.encryption.encrypt(pending.secret, boundTo(pending));
    await this.database.$executeRaw`
      INSERT INTO pending_authenticators AS p (session_id, user_id, secret, created_at)
      VALUES (${pending.sessionId}::uuid, ${pending.userId}::uuid, ${secret}, ${pending.createdAt}::timestamptz)
      ON CONFLICT (session_id) DO UPDATE SET secret = EXCLUDED.secret, created_at = EXCLUDED.created_at
      WHERE p.created_at <= ${since}::timestamptz`;
  }

  /** One confirmed authenticator ends every pending one of its user, in other browsers too. */
  async endAllOf(transaction: Transaction, userId: string): Promise<void> {
    await transaction.pendingAuthenticator.deleteMany({ where: { userId } });
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.pendingAuthenticator.deleteMany({ where: { createdAt: { lte: before } }, limit: sweptAtOnce })).count;
  }
}
