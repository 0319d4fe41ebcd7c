/** The codes by SMS: the newest of each session and purpose, under a keyed hash, until it is used or over. */
import { Inject, Injectable } from '@nestjs/common';
import type { SmsState } from '../generated/prisma/enums.js';
import { Prisma } from '../generated/prisma/client.js';
import { askIn, Database, type Transaction } from '../platform/database.js';
import { always, type Sql } from '../platform/statement.js';
import { Keyring } from '../platform/keyring.js';
import { sweptAtOnce } from '../platform/sweeper.js';

/** A challenge, or a test of the number: a code for one is good for nothing in the other. */
export type SmsCodePurpose = 'CHALLENGE' | 'TEST';

/** What a code is good for: this session, this purpose, and this number and switch as they stood. */
export type CodeBinding = {
  readonly sessionId: string;
  readonly purpose: SmsCodePurpose;
  readonly userId: string;
  /** E.164 */
  readonly number: string;
  readonly numberAt: Date | null;
  readonly switchedAt: Date | null;
};

export type NewCode = CodeBinding & {
  /** Of the session's cookie when the code was asked for. */
  readonly tokenHash: string;
  readonly code: string;
  readonly messageId: string;
  readonly sentAt: Date;
  readonly expiresAt: Date;
};

export type Claim = Pick<CodeBinding, 'sessionId' | 'purpose' | 'number'> & { readonly codeHash: string; readonly now: Date };

export type StoredCode = { readonly codeHash: string; readonly sentAt: Date };
export type SentCode = StoredCode & { readonly state: SmsState };

@Injectable()
export class SmsCodeStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /** Takes the place of the one before it. A session that ended meanwhile, or whose challenge was answered, takes none. */
  async save(code: NewCode): Promise<void> {
    const { sessionId, tokenHash, purpose, userId, messageId, sentAt, expiresAt } = code;
    const codeHash = this.keyring.mac('sms-code', message(code, code.code));
    await this.database.$executeRaw`
      INSERT INTO sms_codes (session_id, purpose, user_id, message_id, code_hash, sent_at, expires_at)
      SELECT s.id, ${purpose}::"SmsCodePurpose", ${userId}::uuid, ${messageId}::uuid, ${codeHash}, ${sentAt}::timestamptz, ${expiresAt}::timestamptz
      FROM sessions s WHERE s.id = ${sessionId}::uuid AND s.token_hash = ${tokenHash}
      ON CONFLICT (session_id, purpose) DO UPDATE SET
        message_id = EXCLUDED.message_id, code_hash = EXCLUDED.code_hash, sent_at = EXCLUDED.sent_at, expires_at = EXCLUDED.expires_at`;
  }

  async find({ sessionId, purpose }: Pick<CodeBinding, 'sessionId' | 'purpose'>, now: Date): Promise<SentCode | undefined> {
    const [row] = await this.database.ask<SentCode>(Prisma.sql`
      SELECT c.code_hash AS "codeHash", c.sent_at AS "sentAt", m.state::text AS state
      FROM sms_codes c JOIN sms_messages m ON m.id = c.message_id
      WHERE c.session_id = ${sessionId}::uuid AND c.purpose = ${purpose}::"SmsCodePurpose" AND c.expires_at > ${now}::timestamptz`);
    return row;
  }

  isCode(codeHash: string, binding: CodeBinding, code: string): boolean {
    return this.keyring.verify('sms-code', message(binding, code), codeHash);
  }

  /**
   * Uses a code up: once, and only while everything that it hangs on still stands.
   * @returns false when it was used, replaced or is over, or SMS is not possible any more
   */
  async claim(transaction: Transaction, claim: Claim): Promise<boolean> {
    return (await askIn(transaction, this.claiming(claim, always))).length === 1;
  }

  /** A part: the same. */
  claiming({ codeHash, sessionId, purpose, number, now }: Claim, when: Sql): Sql {
    return Prisma.sql`
      DELETE FROM sms_codes c USING users u, organizations o
      WHERE c.session_id = ${sessionId}::uuid AND c.purpose = ${purpose}::"SmsCodePurpose" AND c.code_hash = ${codeHash}
        AND c.expires_at > ${now}::timestamptz AND u.id = c.user_id AND o.id = u.organization_id
        AND u.phone_number = ${number} AND u.sms_enabled AND o.two_factor_required AND o.sms_allowed
        AND (o.sms_allowed_since IS NULL OR c.sent_at >= o.sms_allowed_since)
        AND (u.sms_switched_at IS NULL OR c.sent_at >= u.sms_switched_at)
        AND (u.phone_number_at IS NULL OR c.sent_at >= u.phone_number_at) AND ${when}
      RETURNING c.session_id`;
  }

  /** A part: a challenge that was answered needs its code no more. */
  endingOf(sessionId: string, when: Sql): Sql {
    return Prisma.sql`DELETE FROM sms_codes WHERE session_id = ${sessionId}::uuid AND purpose = 'CHALLENGE' AND ${when}`;
  }

  async endAllOf(transaction: Transaction, userId: string): Promise<void> {
    await transaction.smsCode.deleteMany({ where: { userId } });
  }

  async sweep(now: Date): Promise<number> {
    return (await this.database.smsCode.deleteMany({ where: { expiresAt: { lte: now } }, limit: sweptAtOnce })).count;
  }
}

function message({ sessionId, purpose, userId, number, numberAt, switchedAt }: CodeBinding, code: string): string {
  return JSON.stringify([sessionId, purpose, userId, number, numberAt, switchedAt, code]);
}
