/** All that a code of the second factor is compared with, read at once. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { Database } from '../platform/database.js';
import type { MemberVisit } from '../sessions/visit.js';
import { type DeviceStanding, KnownDeviceStore } from '../users/known-device.store.js';
import { type PhoneFacts, phoneFacts } from '../users/user.store.js';
import type { StoredCode } from './sms-code.store.js';

/**
 * @property authenticator with the secret as it is stored
 * @property sent the challenge's code by SMS, until its time is over
 * @property device what the browser is to the member
 */
export type Factors = {
  readonly lastSignInAt: Date | null;
  readonly authenticator: { readonly secret: string; readonly confirmedAt: Date } | undefined;
  readonly phone: PhoneFacts;
  readonly sent: StoredCode | undefined;
  readonly device: DeviceStanding;
};

type FactorsRow = PhoneFacts &
  DeviceStanding & {
    readonly lastSignInAt: Date | null;
    readonly secret: string | null;
    readonly confirmedAt: Date | null;
    readonly codeHash: string | null;
    readonly sentAt: Date | null;
  };

@Injectable()
export class FactorsStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(KnownDeviceStore) private readonly devices: KnownDeviceStore,
  ) {}

  /** @returns undefined when there is no such member any more */
  async find({ session, member, visitorId }: MemberVisit, now: Date): Promise<Factors | undefined> {
    const { userId } = member;
    const [row] = await this.database.ask<FactorsRow>(Prisma.sql`
      SELECT u.last_sign_in_at AS "lastSignInAt", a.secret, a.confirmed_at AS "confirmedAt",
        ${phoneFacts}, c.code_hash AS "codeHash", c.sent_at AS "sentAt", ${this.devices.standing({ userId, visitorId })}
      FROM users u
      LEFT JOIN authenticators a ON a.user_id = u.id
      LEFT JOIN sms_codes c ON c.session_id = ${session.id}::uuid AND c.purpose = 'CHALLENGE' AND c.expires_at > ${now}::timestamptz
      WHERE u.id = ${userId}::uuid`);
    if (!row) return undefined;
    const { lastSignInAt, secret, confirmedAt, codeHash, sentAt, knownKey, hasOthers, ...phone } = row;
    const authenticator = secret !== null && confirmedAt !== null ? { secret, confirmedAt } : undefined;
    const sent = codeHash !== null && sentAt !== null ? { codeHash, sentAt } : undefined;
    return { lastSignInAt, authenticator, phone, sent, device: { knownKey, hasOthers } };
  }
}
