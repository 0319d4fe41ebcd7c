/** The browsers on which a member has signed in, under keyed hashes of their signed cookie. */
import { Inject, Injectable } from '@nestjs/common';
import { Prisma } from '../generated/prisma/client.js';
import { askIn, Database, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';
import type { Sql } from '../platform/statement.js';
import { sweptAtOnce } from '../platform/sweeper.js';

/** @property visitorId what the browser's signed cookie holds */
export type Device = { readonly userId: string; readonly visitorId: string };

/**
 * What a browser is to a member, as long as they do not sign in anew.
 * @property knownKey under which it is known; null for a new one
 * @property hasOthers whether they signed in on others
 */
export type DeviceStanding = { readonly knownKey: string | null; readonly hasOthers: boolean };

export function isKnownDevice({ knownKey }: DeviceStanding): boolean {
  return knownKey !== null;
}

@Injectable()
export class KnownDeviceStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  async standingOf(device: Device, transaction: Transaction = this.database): Promise<DeviceStanding> {
    const [standing] = await askIn<DeviceStanding>(transaction, Prisma.sql`SELECT ${this.standing(device)}`);
    return standing ?? { knownKey: null, hasOthers: false };
  }

  /** The columns of a DeviceStanding, for a query that asks for more. */
  standing(device: Device): Sql {
    const { userId } = device;
    const [current, ...others] = this.keysOf(device);
    // Not an array, for which PostgreSQL would plan anew each time.
    const keys = Prisma.join([current, ...others]);
    return Prisma.sql`
      (SELECT device_key FROM known_devices WHERE user_id = ${userId}::uuid AND device_key IN (${keys})
        ORDER BY device_key = ${current}::text DESC, last_seen_at DESC LIMIT 1) AS "knownKey",
      EXISTS (SELECT FROM known_devices WHERE user_id = ${userId}::uuid AND device_key NOT IN (${keys})) AS "hasOthers"`;
  }

  /** A part: remembers the device, under the current key also where it was known under another one of the ring. */
  seeing(device: Device, { knownKey }: DeviceStanding, { now, when }: { readonly now: Date; readonly when: Sql }): Sql {
    const { userId } = device;
    const [current] = this.keysOf(device);
    if (knownKey !== null && knownKey !== current)
      return Prisma.sql`
        UPDATE known_devices SET device_key = ${current}, last_seen_at = ${now}::timestamptz
        WHERE user_id = ${userId}::uuid AND device_key = ${knownKey} AND ${when}`;
    return Prisma.sql`
      INSERT INTO known_devices (user_id, device_key, first_seen_at, last_seen_at)
      SELECT ${userId}::uuid, ${current}, ${now}::timestamptz, ${now}::timestamptz WHERE ${when}
      ON CONFLICT (user_id, device_key) DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at`;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.knownDevice.deleteMany({ where: { lastSeenAt: { lte: before } }, limit: sweptAtOnce })).count;
  }

  /** Under every key of the ring, the current one first. */
  private keysOf({ userId, visitorId }: Device): readonly [string, ...string[]] {
    return this.keyring.macs('known-device', `${userId} ${visitorId}`);
  }
}
