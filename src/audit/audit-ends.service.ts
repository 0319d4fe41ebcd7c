/** The ends of a chain: held by whoever makes it longer, shorter or seals it anew, and sealed with what they say. */
import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import { AuditChainStore, type StoredEnds } from './audit-chain.store.js';
import { type Ends, isMacOfEnds, macOfEnds, noLink } from './audit-content.js';

const notResealing = { resealedPosition: null, resealedLink: null };

@Injectable()
export class AuditEnds {
  constructor(
    @Inject(AuditChainStore) private readonly chains: AuditChainStore,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /**
   * For this transaction.
   * @returns undefined where somebody without the key changed or removed them: to go on from there would seal what they did
   */
  async hold(transaction: Transaction, organizationId: string): Promise<StoredEnds | undefined> {
    const fresh = { organizationId, firstPosition: 1, firstLink: noLink, lastPosition: 0, lastLink: noLink, ...notResealing };
    const ends = await this.chains.lock(transaction, this.sealed(fresh));
    return ends && isMacOfEnds(ends, ends.mac, this.keyring) ? ends : undefined;
  }

  /** @returns false when they said so already, under the current key */
  async write(transaction: Transaction, before: StoredEnds, ends: Ends): Promise<boolean> {
    const sealed = this.sealed(ends);
    if (sealed.mac === before.mac) return false;
    await this.chains.writeEnds(transaction, sealed);
    return true;
  }

  private sealed({ organizationId, firstPosition, firstLink, lastPosition, lastLink, ...resealed }: Ends): StoredEnds {
    const { resealedPosition, resealedLink } = resealed;
    const ends = { organizationId, firstPosition, firstLink, lastPosition, lastLink, resealedPosition, resealedLink };
    return { ...ends, mac: macOfEnds(ends, this.keyring) };
  }
}

/** Where sealing anew has come to, unless what was removed from the chain's beginning reaches beyond it. */
export function resealedAfterRemoval({ resealedPosition, resealedLink }: Ends, removedUpTo: number) {
  return resealedPosition !== null && resealedPosition >= removedUpTo ? { resealedPosition, resealedLink } : notResealing;
}
