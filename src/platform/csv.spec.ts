import fc from 'fast-check';
import { csvLine } from './csv.js';

describe('a line of comma-separated values', () => {
  it.each([
    [['a', 'b c', 3, null], 'a,b c,3,\r\n'],
    [['a,b', 'say "so"', 'two\nlines'], '"a,b","say ""so""","two\nlines"\r\n'],
    [['=1+1', '+31', '-2', '@x', '\tx'], "'=1+1,'+31,'-2,'@x,'\tx\r\n"],
    [['=HYPERLINK("https://evil.test")', '\r=1'], `"'=HYPERLINK(""https://evil.test"")","'\r=1"\r\n`],
    [['Olga;=1+1;', 'x; @y', 'a;b - c', '＝1', ' =1'], "Olga;'=1+1;,x; '@y,a;b - c,'＝1, '=1\r\n"],
    [[''], '\r\n'],
  ])('%j', (cells, line) => {
    expect(csvLine(cells)).toBe(line);
  });
});

describe('any cells', () => {
  const cells = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...'=+-@\t\r\n＝＋－＠;", \'')), { minLength: 1 });

  it('are read back as they were, but for the apostrophes, and none is a formula, not behind a semicolon either', () => {
    fc.assert(
      fc.property(cells, (typed) => {
        const read = readLine(csvLine(typed));
        expect(read.map((cell) => cell.replaceAll("'", ''))).toEqual(typed.map((cell) => cell.replaceAll("'", '')));
        for (const cell of read) for (const part of cell.split(';')) expect(part.trimStart()).not.toMatch(/^[=+\-@＝＋－＠]/);
      }),
    );
  });
});

/** As RFC 4180 says. */
function readLine(line: string): readonly string[] {
  expect(line.endsWith('\r\n')).toBe(true);
  const cells: string[] = [];
  for (let rest = `${line.slice(0, -2)},`; rest !== '';) {
    const [whole, quoted, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*)),/.exec(rest) ?? [];
    if (whole === undefined) throw new Error(`no cell: ${rest}`);
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    rest = rest.slice(whole.length);
  }
  return cells;
}
