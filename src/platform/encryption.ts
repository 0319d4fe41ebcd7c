/** Secrets at rest: AES-256-GCM under a key id, bound to the row they belong to (OWASP ASVS 5.0, 11.3). */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Keyring } from './keyring.js';
import { isKeyId } from './secret-keys.js';

const version = 'v1';
const purpose = 'secrets-at-rest';
const nonceBytes = 12;
const tagBytes = 16;

/** The stored text was changed, belongs to another row, or its key is not in SECRET_KEYS. */
export class SecretUnreadableError extends Error {
  readonly code = 'SECRET_UNREADABLE';

  /** @param missingKeyId the key that it names, where the ring has none of that id */
  constructor(
    message: string,
    readonly missingKeyId?: string,
  ) {
    super(message);
  }
}

export class Encryption {
  constructor(private readonly keyring: Keyring) {}

  /**
   * @param boundTo table, column and owner, such as `authenticators:secret:USER_ID`; decryption needs the same
   * @returns `v1.keyId.nonce.ciphertext.tag`
   */
  encrypt(plaintext: string, boundTo: string): string {
    const keyId = this.keyring.currentKeyId;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.key(keyId), nonce).setAAD(Buffer.from(boundTo));
    const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
    return [version, keyId, ...[nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.');
  }

  /** Whether a value is sealed under the key that new ones are sealed under. */
  isCurrent(stored: string): boolean {
    return stored.startsWith(`${version}.${this.keyring.currentKeyId}.`);
  }

  /** @throws SecretUnreadableError */
  decrypt(stored: string, boundTo: string): string {
    const [storedVersion, keyId = '', ...parts] = stored.split('.');
    const [nonce, ciphertext, tag] = parts.map(bytesOf);
    if (storedVersion !== version || parts.length !== 3 || nonce?.length !== nonceBytes || !ciphertext || tag?.length !== tagBytes) {
      throw new SecretUnreadableError('the stored secret has no known form');
    }
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.key(keyId), nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(boundTo)).setAuthTag(tag);
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
    } catch (error) {
      if (error instanceof SecretUnreadableError) throw error;
      throw new SecretUnreadableError('the stored secret was changed or belongs to another row');
    }
  }

  private key(keyId: string): Buffer {
    const key = this.keyring.keyFor(purpose, keyId);
    if (key) return key;
    if (!isKeyId(keyId)) throw new SecretUnreadableError('the stored secret has no known form');
    throw new SecretUnreadableError(`its key ${keyId} is not in SECRET_KEYS`, keyId);
  }
}

/** @returns undefined for a text that is another spelling of its bytes: there is one text that is taken, and no other. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
}
