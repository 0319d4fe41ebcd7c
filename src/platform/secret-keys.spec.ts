import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developmentKeys } from './secret-keys.js';

describe('the development key', () => {
  it('is made once in the data directory, for its owner alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
    const data = join(folder, 'data');
    const first = developmentKeys(data);
    expect(first[0]?.bytes).toHaveLength(32);
    expect(developmentKeys(data)).toEqual(first);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'secret-keys')).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
  });
});
