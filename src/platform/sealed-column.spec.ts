import { Encryption } from './encryption.js';
import { Keyring } from './keyring.js';
import { resealColumn, type ResealControl, type SealedColumn } from './sealed-column.js';

const [oldKey, newKey] = [
  { id: 'old', bytes: Buffer.alloc(32, 1) },
  { id: 'new', bytes: Buffer.alloc(32, 2) },
];
const before = new Encryption(new Keyring([oldKey]));
const both = new Encryption(new Keyring([newKey, oldKey]));
const after = new Encryption(new Keyring([newKey]));
const idOf = (number: number) => `00000000-0000-0000-0000-${String(number).padStart(12, '0')}`;

/** A column of this many values, the secret of each being its id. */
function columnOf(count: number, sealedBy = before) {
  const rows = new Map(Array.from({ length: count }, (_, index) => [idOf(index + 1), sealedBy.encrypt(idOf(index + 1), idOf(index + 1))]));
  const column: SealedColumn = {
    name: 'secrets',
    findAfter: (id, limit) =>
      Promise.resolve(
        [...rows]
          .filter(([row]) => row > id)
          .map(([row, sealed]) => ({ id: row, sealed, boundTo: row }))
          .slice(0, limit),
      ),
    replace({ id, sealed }, anew) {
      if (rows.get(id) !== sealed) return Promise.resolve(false);
      rows.set(id, anew);
      return Promise.resolve(true);
    },
  };
  return { rows, column };
}
const unreadable: string[] = [];
const control = (given: Partial<ResealControl> = {}): ResealControl => ({
  stop: new AbortController().signal,
  progress: () => undefined,
  unreadable: ({ id }) => void unreadable.push(id),
  ...given,
});
beforeEach(() => unreadable.splice(0));

describe('bringing a column under the current key', () => {
  it('leaves all of it to be read by that key alone, over several batches', async () => {
    const { rows, column } = columnOf(450);
    const counts: number[] = [];
    expect(await resealColumn(column, both, control({ progress: (count) => counts.push(count) }))).toBe(450);
    for (const [id, sealed] of rows) expect(after.decrypt(sealed, id)).toBe(id);
    expect(counts).toEqual([200, 400, 450]);
    expect(await resealColumn(column, both, control())).toBe(0);
  });

  it('stops where it is told to, and goes on with the rest', async () => {
    const { rows, column } = columnOf(10);
    const stop = new AbortController();
    const stopping = { ...column, replace: (...given: Parameters<SealedColumn['replace']>) => (stop.abort(), column.replace(...given)) };
    expect(await resealColumn(stopping, both, control({ stop: stop.signal }))).toBe(1);
    expect([...rows.values()].filter((sealed) => both.isCurrent(sealed))).toHaveLength(1);
    expect(await resealColumn(column, both, control())).toBe(9);
  });

  it('names what it cannot read, also under the current key, and leaves it as it is', async () => {
    const { rows, column } = columnOf(5);
    rows.set(idOf(2), rows.get(idOf(3))!);
    rows.set(idOf(4), both.encrypt('moved', 'elsewhere'));
    const left = [rows.get(idOf(2)), rows.get(idOf(4))];
    expect(await resealColumn(column, both, control())).toBe(3);
    expect(unreadable).toEqual([idOf(2), idOf(4)]);
    expect([rows.get(idOf(2)), rows.get(idOf(4))]).toEqual(left);
  });

  it('does not count, and does not touch, what was written since it was read', async () => {
    const { rows, column } = columnOf(1);
    const written = both.encrypt('newer', idOf(1));
    const meanwhile = {
      ...column,
      replace: (...given: Parameters<SealedColumn['replace']>) => (rows.set(idOf(1), written), column.replace(...given)),
    };
    expect(await resealColumn(meanwhile, both, control())).toBe(0);
    expect(rows.get(idOf(1))).toBe(written);
  });
});
