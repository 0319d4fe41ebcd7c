import fc from 'fast-check';
import { splitLines, type SplitLine } from './line-splitter.js';

async function split(...chunks: (string | Uint8Array)[]): Promise<SplitLine[]> {
  const lines: SplitLine[] = [];
  for await (const line of splitLines(stream(chunks))) lines.push(line);
  return lines;
}

async function* stream(chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(Buffer.from(chunk));
}

describe('the lines of an import', () => {
  it('are numbered, over chunks that end anywhere', async () => {
    const bytes = Buffer.from('één\ntwee €\ndrie\n');
    const expected = [
      { number: 1, text: 'één' },
      { number: 2, text: 'twee €' },
      { number: 3, text: 'drie' },
    ];
    expect(await split(bytes)).toEqual(expected);
    expect(await split(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual(expected);
  });

  it('end with LF, CRLF or the file', async () => {
    const lines = await split('{"a":1}\r\n{"b":2}\n{"c":3}');
    expect(lines.map((line) => ('text' in line ? (JSON.parse(line.text) as unknown) : line))).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  it('are skipped when blank, and count', async () => {
    expect(await split('\n  \r\na\n\n\nb\n')).toEqual([
      { number: 3, text: 'a' },
      { number: 6, text: 'b' },
    ]);
    expect(await split()).toEqual([]);
    expect(await split('\n')).toEqual([]);
  });

  it('lose a byte order mark', async () => {
    expect(await split('\uFEFFa\n\uFEFFb\n')).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: 'b' },
    ]);
  });

  it('are a problem when they are not UTF-8, and the next one is not', async () => {
    expect(await split(Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a, 0xe2, 0x82]))).toEqual([
      { number: 1, problem: 'is not UTF-8' },
      { number: 2, text: 'b' },
      { number: 3, problem: 'is not UTF-8' },
    ]);
  });

  it('may have 64 KB and no more', async () => {
    const longest = 'x'.repeat(65_536);
    const [fits, tooLong, after] = await split(`${longest}\n`, longest, 'x\nb');
    expect(fits).toEqual({ number: 1, text: longest });
    expect(tooLong).toEqual({ number: 2, problem: 'is longer than 64 KB' });
    expect(after).toEqual({ number: 3, text: 'b' });
    expect(await split(longest, longest)).toEqual([{ number: 1, problem: 'is longer than 64 KB' }]);
  });
});

describe('any bytes', () => {
  it('give the same lines, wherever the chunks end', async () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf, 0x7b), fc.nat({ max: 255 })), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat({ max: 200 })), async (all, ends) => {
        const whole = Buffer.from(all);
        const cuts = [0, ...ends.filter((end) => end < all.length).sort((a, b) => a - b), all.length];
        const chunks = cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end));
        expect(await split(...chunks)).toEqual(await split(whole));
      }),
    );
  });
});
