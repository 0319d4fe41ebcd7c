/** Wrong passwords without the work of typing a hundred of them. */
import { usernameKey } from '../../src/users/username.js';
import { after, hours } from '../../src/platform/clock.js';
import { Keyring } from '../../src/platform/keyring.js';
import { type Door, secretKeys } from './door.js';

type Row = 'row' | 'device-row';

/** Begins the row of a username, or of every browser that is known for it, as if so many wrong ones had been given to it now. */
export async function fillRow(door: Door, username: string, failed: number, row: Row = 'row'): Promise<void> {
  const key = keyOf(username, row);
  const since = door.clock.now();
  if (row === 'row') await door.database.passwordTries.upsert({ where: { key }, create: { key, failed, since }, update: { failed } });
  else await door.database.passwordTries.updateMany({ where: { key: { startsWith: `${key}:` } }, data: { failed } });
}

/** As a hundred wrong passwords leave it, or as many as `LIMITS` takes. */
export async function closeToUnknown(door: Door, username: string): Promise<void> {
  const [key, since] = [keyOf(username, 'row'), door.clock.now()];
  const data = { failed: 100, since, waitingUntil: after(since, hours(24 * 365)) };
  await door.database.passwordTries.upsert({ where: { key }, create: { key, ...data }, update: data });
}

/** Wrong passwords of a username in a row, and those that are being compared; undefined when there is no row. */
export async function rowOf(door: Door, username: string): Promise<{ readonly failed: number; readonly pending: number } | null> {
  return door.database.passwordTries.findUnique({
    where: { key: keyOf(username, 'row') },
    select: { failed: true, pending: true },
  });
}

function keyOf(username: string, row: Row): string {
  return `${row}:${new Keyring(secretKeys).mac('password-tries', usernameKey(username))}`;
}
