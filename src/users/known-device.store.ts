/** The browsers on which a member has signed in, under keyed hashes of their signed cookie. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';
import { Keyring } from '../platform/keyring.js';

/** @property visitorId what the browser's signed cookie holds */
export type Device = { readonly userId: string; readonly visitorId: string };
export type Seen = { readonly isNew: boolean; readonly hasOthers: boolean };

@Injectable()
export class KnownDeviceStore {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /**
   * Remembers the device, under the current key also where it was known under another one of the ring.
   * @returns whether it was not known before, and whether another one was
   */
  async see(transaction: Transaction, device: Device, now: Date): Promise<Seen> {
    const { userId } = device;
    const keys = this.keysOf(device);
    if (keys.length > 1) await this.moveToCurrentKey(transaction, userId, keys);
    const rows = await transaction.$queryRaw<Seen[]>`
      WITH others AS (SELECT count(*) > 0 AS has FROM known_devices WHERE user_id = ${userId}::uuid AND device_key <> ALL(${keys}))
      INSERT INTO known_devices AS d (user_id, device_key, first_seen_at, last_seen_at)
      VALUES (${userId}::uuid, ${keys[0]}, ${now}::timestamptz, ${now}::timestamptz)
      ON CONFLICT (user_id, device_key) DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at
      RETURNING d.xmax = 0 AS "isNew", (SELECT has FROM others) AS "hasOthers"`;
    const [seen] = rows;
    if (!seen) throw new Error('a device was neither new nor known');
    return seen;
  }

  async isKnown(device: Device): Promise<boolean> {
    const where = { userId: device.userId, deviceKey: { in: [...this.keysOf(device)] } };
    return (await this.database.knownDevice.count({ where })) > 0;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.knownDevice.deleteMany({ where: { lastSeenAt: { lte: before } } })).count;
  }

  /** One row at most, the one that was seen last, and none where the current key has one already. */
  private async moveToCurrentKey(transaction: Transaction, userId: string, keys: readonly [string, ...string[]]): Promise<void> {
    await transaction.$executeRaw`
      UPDATE known_devices SET device_key = ${keys[0]}
      WHERE user_id = ${userId}::uuid AND device_key = (
        SELECT device_key FROM known_devices WHERE user_id = ${userId}::uuid AND device_key = ANY(${keys})
        ORDER BY device_key = ${keys[0]} DESC, last_seen_at DESC LIMIT 1)`;
  }

  /** Under every key of the ring, the current one first. */
  private keysOf({ userId, visitorId }: Device): readonly [string, ...string[]] {
    return this.keyring.macs('known-device', `${userId} ${visitorId}`);
  }
}
