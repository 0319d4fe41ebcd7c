/** The browsers on which a member has signed in, under keyed hashes of their signed cookie. */
import { Inject, Injectable } from '@nestjs/common';
import { Database, type Transaction } from '../platform/database.js';

export type Seen = { readonly isNew: boolean; readonly hasOthers: boolean };

@Injectable()
export class KnownDeviceStore {
  constructor(@Inject(Database) private readonly database: Database) {}

  /** Remembers the device. @returns whether it was not known before, and whether another one was */
  async see(transaction: Transaction, userId: string, deviceKey: string, now: Date): Promise<Seen> {
    const rows = await transaction.$queryRaw<Seen[]>`
      WITH others AS (SELECT count(*) > 0 AS has FROM known_devices WHERE user_id = ${userId}::uuid AND device_key <> ${deviceKey})
      INSERT INTO known_devices AS d (user_id, device_key, first_seen_at, last_seen_at)
      VALUES (${userId}::uuid, ${deviceKey}, ${now}::timestamptz, ${now}::timestamptz)
      ON CONFLICT (user_id, device_key) DO UPDATE SET last_seen_at = EXCLUDED.last_seen_at
      RETURNING d.xmax = 0 AS "isNew", (SELECT has FROM others) AS "hasOthers"`;
    const [seen] = rows;
    if (!seen) throw new Error('a device was neither new nor known');
    return seen;
  }

  async sweep(before: Date): Promise<number> {
    return (await this.database.knownDevice.deleteMany({ where: { lastSeenAt: { lte: before } } })).count;
  }
}
