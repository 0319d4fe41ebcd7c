/** The inventory of the log in docs/operating.md names every line that the sources write (OWASP ASVS 5.0, 16.1.1, 16.2.3). */
import { read, sourceFiles } from './sources.js';

it('the inventory of the log names every event', () => {
  const events = sourceFiles().flatMap((path) =>
    [...read(path).matchAll(/\blog\.(?:info|security|alarm|warn|error)\(\s*'([^']+)'/g)].map(([, event = '']) => event),
  );
  expect(events.length).toBeGreaterThan(50);
  const inventory = read('docs/operating.md');
  expect(events.filter((event) => !inventory.includes(`\`${event}\``))).toEqual([]);
});

it('nothing but the log and the command line writes anywhere', () => {
  const writers = sourceFiles().filter((path) => /\bconsole\.|\bprocess\.std(out|err)\b|\bpino\(/.test(read(path)));
  expect(writers.filter((path) => !/^src\/(commands\/.+|cli|main|platform\/log)\.ts$/.test(path))).toEqual([]);
});
