/** Everything that is stored under another key than the first, brought under the first. */
import type { INestApplicationContext } from '@nestjs/common';
import { AuditResealing } from '../audit/audit-resealing.service.js';
import type { Break } from '../audit/audit-verification.service.js';
import { sealedMail } from '../mail/sealed-mail.store.js';
import { sealedSecrets } from '../mfa/sealed-secrets.store.js';
import { Database } from '../platform/database.js';
import { Encryption } from '../platform/encryption.js';
import { resealColumn } from '../platform/sealed-column.js';
import { sealedInSessions } from '../sessions/sealed-sessions.store.js';

export type Rotated = {
  /** how many of each table were under another key */
  readonly resealed: Readonly<Record<string, number>>;
  /** how many values cannot be read, and stay as they are */
  readonly unreadable: number;
  /** the chains of the audit that do not hold, and stay as they are */
  readonly broken: readonly Break[];
  /** Told to stop before the end. */
  readonly stopped: boolean;
};

export type RotationControl = {
  readonly stop: AbortSignal;
  readonly progress: (text: string) => void;
  readonly say: (line: string) => void;
};

export async function rotateKeys(app: INestApplicationContext, { stop, progress, say }: RotationControl): Promise<Rotated> {
  const database = app.get(Database);
  const resealed: Record<string, number> = {};
  let unreadable = 0;
  for (const column of [...sealedSecrets(database), ...sealedInSessions(database), ...sealedMail(database)]) {
    const { name } = column;
    resealed[name] = await resealColumn(column, app.get(Encryption), {
      stop,
      progress: (count) => progress(`${name}: ${count}`),
      unreadable: ({ id }, { message }) => {
        unreadable += 1;
        say(`${name}, row ${id}: ${message}`);
      },
    });
  }
  const { records, chains, broken } = await app
    .get(AuditResealing)
    .reseal({ stop, progress: (count) => progress(`audit_records: ${count}`) });
  for (const { organization, position, what } of broken) say(`the audit of ${organization} is broken at record ${position}: ${what}`);
  return { resealed: { ...resealed, audit_records: records, audit_chains: chains }, unreadable, broken, stopped: stop.aborted };
}
