/** Takes a member's second factor away: whoever lost the phone sets it up anew. */
import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database.js';
import { AuthenticatorStore } from './authenticator.store.js';
import { CodeTriesStore } from './code-tries.store.js';
import { PendingAuthenticatorStore } from './pending-authenticator.store.js';
import { RecoveryCodeStore } from './recovery-code.store.js';
import { RecoveryTriesStore } from './recovery-tries.store.js';
import { SmsCodes } from './sms-codes.service.js';

@Injectable()
export class FactorReset {
  constructor(
    @Inject(AuthenticatorStore) private readonly authenticators: AuthenticatorStore,
    @Inject(PendingAuthenticatorStore) private readonly pending: PendingAuthenticatorStore,
    @Inject(RecoveryCodeStore) private readonly recoveryCodes: RecoveryCodeStore,
    @Inject(RecoveryTriesStore) private readonly recoveryTries: RecoveryTriesStore,
    @Inject(CodeTriesStore) private readonly codeTries: CodeTriesStore,
    @Inject(SmsCodes) private readonly smsCodes: SmsCodes,
  ) {}

  /**
   * The caller holds the member's row, and ends their sessions after it.
   * @returns whether there was an authenticator
   */
  async reset(transaction: Transaction, userId: string): Promise<boolean> {
    const wasEnrolled = await this.authenticators.remove(transaction, userId);
    await this.pending.endAllOf(transaction, userId);
    await this.recoveryCodes.removeAll(transaction, userId);
    await this.endWaits(transaction, userId);
    await this.smsCodes.endAllOf(transaction, userId);
    return wasEnrolled;
  }

  /** Opens what is closed, and ends the waits after wrong codes. */
  async endWaits(transaction: Transaction, userId: string): Promise<void> {
    await this.codeTries.clear(transaction, userId);
    await this.recoveryTries.clear(transaction, userId);
  }
}
