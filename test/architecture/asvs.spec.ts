/** docs/security.md answers OWASP ASVS 5.0.0 requirement by requirement; this holds the page to what is really there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, read, root, sourceFiles } from './sources.js';

/** The levels of a section's requirements, in order: `"1.1": [2, 2]` is 1.1.1 and 1.1.2, both of level 2. */
const sections = JSON.parse(read('test/architecture/asvs-5.0.0-ids.json')) as Record<string, number[]>;
const levels = new Map<string, number>(
  Object.entries(sections).flatMap(([section, ofSection]) => ofSection.map((level, index) => [`${section}.${index + 1}`, level] as const)),
);
const idsBelow = (name: string) => [...levels.keys()].filter((id) => id === name || id.startsWith(`${name}.`));

type Row = { readonly id: string; readonly level: number; readonly cells: readonly string[] };

const tableCells = (line: string) =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

const [answered = '', leftOut = ''] = read('docs/security.md')
  .split(/^## Requirement by requirement$/m)
  .slice(1)
  .join('')
  .split(/^### Left out$/m);

const rows = answered.split('\n').flatMap((line): Row[] => {
  const [, id, level] = /^\| (\d+\.\d+\.\d+) \((\d)\) \|/.exec(line) ?? [];
  return id === undefined ? [] : [{ id, level: Number(level), cells: tableCells(line) }];
});
/** A row may name a requirement, a section or a chapter, or several of them. */
const left = leftOut.split('\n').flatMap((line) => {
  const [, names, because] = /^\| ((?:\d+(?:\.\d+){0,2}(?:, )?)+) \| (.+) \|$/.exec(line) ?? [];
  return names === undefined || because === undefined ? [] : names.split(', ').map((name) => ({ name, because, ids: idsBelow(name) }));
});

/** What a cell names: each path, and the names in quotes that have to stand in the file before them. */
function claimsOf(cell: string): { readonly path: string; readonly names: readonly string[] }[] {
  return [...cell.matchAll(/`([^`]+)`([^`]*)/g)].map(([, path = '', after = '']) => ({
    path,
    names: [...after.matchAll(/“([^”]+)”/g)].map(([, name = '']) => name),
  }));
}

describe('docs/security.md', () => {
  it('answers every requirement of ASVS 5.0.0 once: by a row, or by the reason for leaving it out', () => {
    const told = [...rows.map(({ id }) => id), ...left.flatMap(({ ids }) => ids)].sort();
    expect(levels.size).toBe(345);
    expect(told).toEqual([...levels.keys()].sort());
    expect(left.filter(({ ids }) => ids.length === 0)).toEqual([]);
  });

  it('gives each requirement the level that it has, and leaves no cell empty', () => {
    expect(rows.filter(({ id, level }) => levels.get(id) !== level)).toEqual([]);
    expect(rows.filter(({ cells }) => cells.length !== 4 || cells.includes(''))).toEqual([]);
  });

  it('says "deviation" in the rows that have one, and in no other', () => {
    const [, deviations = ''] = /^## Deviations$([^]*?)^## /m.exec(read('docs/security.md')) ?? [];
    const deviating = deviations.split('\n').flatMap((line) => (tableCells(line)[0] ?? '').match(/\b\d+\.\d+\.\d+\b/g) ?? []);
    const told = rows.filter(({ cells }) => /deviation/.test(cells[2] ?? '')).map(({ id }) => id);
    const isRow = new Set(rows.map(({ id }) => id));
    expect(deviating.length).toBeGreaterThan(20);
    expect([...new Set(deviating)].filter((id) => isRow.has(id)).sort()).toEqual(told.sort());
  });

  it('shows each row by a file that is there, and by tests that have the name that it quotes', () => {
    const faults = rows.flatMap(({ id, cells }) => {
      const claims = claimsOf(cells[3] ?? '');
      if (claims.length === 0) return [`${id}: names no file`];
      return claims.flatMap(({ path, names }) => {
        if (!existsSync(join(root, path))) return [`${id}: there is no ${path}`];
        const text = names.length > 0 ? read(path) : '';
        return names.filter((name) => !text.includes(name)).map((name) => `${id}: ${path} has no “${name}”`);
      });
    });
    expect(faults).toEqual([]);
  });

  it('lists every file of the sources that does cryptography, and no other', () => {
    const [, inventory = ''] = /^### Cryptography$([^]*?)^###? /m.exec(read('docs/security.md')) ?? [];
    const listed = [...inventory.matchAll(/`(src\/[\w./-]+)`/g)].map(([, path]) => path);
    expect([...new Set(listed)].sort()).toEqual(
      sourceFiles().filter((path) => importsOf(path).some((name) => /^(node:)?crypto$|^bcrypt$|^otpauth$/.test(name))),
    );
  });
  it('gives the data of every table a level', () => {
    const [, data = ''] = /^### Data$([^]*?)^### /m.exec(read('docs/security.md')) ?? [];
    const tables = [...read('prisma/schema.prisma').matchAll(/@@map\("(\w+)"\)/g)].map(([, table = '']) => table);
    expect(tables.length).toBeGreaterThan(20);
    expect(tables.filter((table) => !data.includes(`\`${table}\``))).toEqual([]);
  });
});
