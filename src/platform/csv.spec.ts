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
