/** The secret keys at work: one key derived for each purpose, so that no two uses share one. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { SecretKey } from './secret-keys.js';

export class Keyring {
  private readonly derived = new Map<string, Buffer>();

  /** @param keys at least one; the first is the one for new values */
  constructor(private readonly keys: readonly SecretKey[]) {
    if (keys.length === 0) throw new Error('a keyring needs a key');
  }

  get currentKeyId(): string {
    return this.first.id;
  }

  /** HMAC-SHA-256 under the current key, as base64url. */
  mac(purpose: string, message: string): string {
    return this.macUnder(this.first, purpose, message);
  }

  /** The same under every key of the ring, the current one first: what was stored by a lookup key before a rotation is still found. */
  macs(purpose: string, message: string): readonly [string, ...string[]] {
    const [, ...others] = this.keys;
    return [this.mac(purpose, message), ...others.map((key) => this.macUnder(key, purpose, message))];
  }

  /** Whether `mac` was made of `message` under any key of the ring; compared in constant time. */
  verify(purpose: string, message: string, mac: string): boolean {
    return this.keys.some((key) => isEqual(this.macUnder(key, purpose, message), mac));
  }

  /** The same under the current key alone: what it refuses, another key of the ring may have made. */
  verifyCurrent(purpose: string, message: string, mac: string): boolean {
    return isEqual(this.mac(purpose, message), mac);
  }

  /** The 256-bit key for a purpose (HKDF-SHA-256, RFC 5869), or undefined when the ring has no such id. */
  keyFor(purpose: string, keyId: string): Buffer | undefined {
    const key = this.keys.find(({ id }) => id === keyId);
    return key && this.derive(key, purpose);
  }

  private get first(): SecretKey {
    const [first] = this.keys;
    if (!first) throw new Error('a keyring needs a key');
    return first;
  }

  private macUnder(key: SecretKey, purpose: string, message: string): string {
    return createHmac('sha256', this.derive(key, purpose)).update(message).digest('base64url');
  }

  private derive(key: SecretKey, purpose: string): Buffer {
    const name = `${key.id} ${purpose}`;
    const known = this.derived.get(name);
    if (known) return known;
    const derived = Buffer.from(hkdfSync('sha256', key.bytes, '', `gatehouse/${purpose}`, 32));
    this.derived.set(name, derived);
    return derived;
  }
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
