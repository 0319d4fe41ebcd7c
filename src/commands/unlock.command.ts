/** `gatehouse unlock USERNAME`: ends the waits of a member. */
import { AuditRecordStore } from '../audit/audit-record.store.js';
import { Audit } from '../audit/audit.service.js';
import { AskingGate } from '../auth/asking-gate.js';
import { PasswordCharging } from '../auth/password-charging.service.js';
import { PasswordGuessing } from '../auth/password-guessing.service.js';
import { PasswordTriesStore } from '../auth/password-tries.store.js';
import { unlock, type UnlockParts } from '../auth/unlock.service.js';
import { CodeTriesStore } from '../mfa/code-tries.store.js';
import { BackgroundWork } from '../platform/background-work.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, loadConfig } from '../platform/config.js';
import { Keyring } from '../platform/keyring.js';
import { Log } from '../platform/log.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { UserStore } from '../users/user.store.js';
import type { Command } from './command.js';
import { type Keyed, keysLost, withKeys } from './with-keys.js';
import { RefusedByCommandError } from './with-migrated-database.js';

export const unlockCommand: Command = {
  name: 'unlock',
  positionals: ['USERNAME'],
  switches: [keysLost],
  summary: 'clears the waits of a member and opens a closed second factor',
  async run({ positionals: [given = ''], switches, environment }) {
    const config = loadConfig(environment);
    const unlocked = await withKeys(config, (keyed) => unlock(unlockParts(config, keyed), given), { areKeysLost: switches.has(keysLost) });
    if (unlocked === undefined) throw new RefusedByCommandError(`nobody has the username ${JSON.stringify(given)}`);
    return { json: { unlocked }, text: `${unlocked} can try again at once: password waits cleared, second factor open` };
  },
};

function unlockParts(config: Config, { database, secretKeys }: Keyed): UnlockParts {
  const clock = new SystemClock();
  const keyring = new Keyring(secretKeys);
  const settings = new Settings(config, false);
  const sweeper = new Sweeper(clock, new Log('silent'), new BackgroundWork(settings));
  const tries = new PasswordTriesStore(database);
  const charging = new PasswordCharging(tries, new AskingGate(), clock);
  const guessing = new PasswordGuessing(tries, charging, keyring, clock, settings, sweeper);
  const audit = new Audit(new AuditRecordStore(keyring), clock);
  return { database, guessing, audit, users: new UserStore(database), codeTries: new CodeTriesStore(database) };
}
