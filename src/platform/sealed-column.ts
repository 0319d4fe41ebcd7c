/** Encrypting under the current key what a column holds under others: value by value, so that it can end at any moment. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Encryption, SecretUnreadableError } from './encryption.js';

export type SealedValue = {
  /** of its row */
  readonly id: string;
  readonly sealed: string;
  readonly boundTo: string;
};

/** A column of encrypted values; the store that owns the table reads and writes it. */
export type SealedColumn = {
  /** as an operator is told: the table, and the column where it has several */
  readonly name: string;
  /** In the order of the rows' ids, from the one that follows `id` on. */
  findAfter(id: string, limit: number): Promise<readonly SealedValue[]>;
  /** Only where it still is as it was read: what was written meanwhile stays. @returns whether it did */
  replace(value: SealedValue, sealed: string): Promise<boolean>;
};

export type ResealControl = {
  /** Ends it after the value that is under way. */
  readonly stop: AbortSignal;
  readonly progress: (resealed: number) => void;
  /** It stays as it is. */
  readonly unreadable: (value: SealedValue, error: SecretUnreadableError) => void;
};

const batch = 200;
const beforeAll = '00000000-0000-0000-0000-000000000000';

/** @returns how many values were under another key */
export async function resealColumn(column: SealedColumn, encryption: Encryption, control: ResealControl): Promise<number> {
  let [resealed, last] = [0, beforeAll];
  for (;;) {
    const values = await column.findAfter(last, batch);
    for (const value of values) {
      // The embedded database answers without a turn of the event loop, and a signal comes with one.
      await nextTurn();
      if (control.stop.aborted) return resealed;
      if (await resealValue(column, value, encryption, control)) resealed += 1;
      last = value.id;
    }
    control.progress(resealed);
    if (values.length < batch) return resealed;
  }
}

/** Each value is opened, also one that names the current key: afterwards all of them can be read under it. */
async function resealValue(
  column: SealedColumn,
  value: SealedValue,
  encryption: Encryption,
  { unreadable }: ResealControl,
): Promise<boolean> {
  try {
    const opened = encryption.decrypt(value.sealed, value.boundTo);
    if (encryption.isCurrent(value.sealed)) return false;
    return await column.replace(value, encryption.encrypt(opened, value.boundTo));
  } catch (error) {
    if (!(error instanceof SecretUnreadableError)) throw error;
    unreadable(value, error);
    return false;
  }
}
