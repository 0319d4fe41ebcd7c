import fc from 'fast-check';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirectoryError } from './one-line-errors.js';
import { developmentKeys, hasDevelopmentKeys, parseSecretKeys } from './secret-keys.js';

describe('the development key', () => {
  it('is made once in the data directory, for its owner alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
    const data = join(folder, 'data');
    expect(hasDevelopmentKeys(data)).toBe(false);
    const first = developmentKeys(data);
    expect(hasDevelopmentKeys(data)).toBe(true);
    expect(first[0]?.bytes).toHaveLength(32);
    expect(developmentKeys(data)).toEqual(first);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'secret-keys')).mode & 0o777).toBe(0o600);
    rmSync(folder, { recursive: true });
  });

  it('may stand beside others: the first one encrypts', () => {
    const data = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
    const [made] = developmentKeys(data);
    const file = join(data, 'secret-keys');
    writeFileSync(file, `next:${Buffer.alloc(32, 1).toString('base64')},\n${readFileSync(file, 'utf8')}`);
    expect(developmentKeys(data)).toEqual([{ id: 'next', bytes: Buffer.alloc(32, 1) }, made]);
    rmSync(data, { recursive: true });
  });

  it('is never made anew where it is damaged', () => {
    const data = mkdtempSync(join(tmpdir(), 'gatehouse-keys-'));
    const file = join(data, 'secret-keys');
    for (const damaged of ['', 'dev:AAAA\n']) {
      writeFileSync(file, damaged);
      expect(() => developmentKeys(data)).toThrow(DataDirectoryError);
      expect(readFileSync(file, 'utf8')).toBe(damaged);
    }
    rmSync(data, { recursive: true });
  });
});

describe('keys in the configuration', () => {
  const [one, other] = [1, 2].map((fill) => Buffer.alloc(32, fill).toString('base64'));

  it.each([`a:${one},b:${other}`, ` a:${one} ,\n b:${other} \n`])('may have blanks between them: %j', (text) => {
    expect(parseSecretKeys(text)?.map(({ id, bytes }) => [id, bytes.toString('base64')])).toEqual([
      ['a', one],
      ['b', other],
    ]);
  });

  it.each([
    ['one id twice', `a:${one},a:${other}`],
    ['one key twice', `a:${one},b:${one}`],
    ['one key in two spellings', `a:${one},b:${one?.replace('E=', 'F=')}`],
    ['a word before one', `keys a:${one}`],
    ['a word behind one', `a:${one} b`],
    ['nothing behind a comma', `a:${one},`],
    ['no id', `:${one}`],
    ['nothing', ''],
  ])('are refused with %s', (_, text) => {
    expect(parseSecretKeys(text)).toBeUndefined();
  });
});

describe('any keys', () => {
  const key = fc.record({ id: fc.stringMatching(/^[\w-]{1,32}$/), bytes: fc.uint8Array({ minLength: 32, maxLength: 32 }) });
  const written = (keys: readonly { id: string; bytes: Uint8Array }[]) =>
    keys.map(({ id, bytes }) => `${id}:${Buffer.from(bytes).toString('base64')}`).join(',');

  it('are read back as they were written, in their order', () => {
    const distinct = fc.uniqueArray(key, { minLength: 1, maxLength: 5, selector: ({ id }) => id });
    fc.assert(
      fc.property(distinct, (keys) => {
        const areDifferent = new Set(keys.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size === keys.length;
        const read = parseSecretKeys(written(keys))?.map(({ id, bytes }) => ({ id, bytes: Uint8Array.from(bytes) }));
        expect(read).toEqual(areDifferent ? keys.map(({ id, bytes }) => ({ id, bytes: Uint8Array.from(bytes) })) : undefined);
      }),
    );
  });

  it('that miss or add a character are refused, and no text breaks the reader', () => {
    fc.assert(
      fc.property(key, fc.nat({ max: 43 }), (one, at) => {
        const text = written([one]);
        const from = text.indexOf(':') + 1 + at;
        expect(parseSecretKeys(text.slice(0, from) + text.slice(from + 1))).toBeUndefined();
        expect(parseSecretKeys(`${text.slice(0, from)}A${text.slice(from)}`)).toBeUndefined();
      }),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseSecretKeys(text)));
  });
});
