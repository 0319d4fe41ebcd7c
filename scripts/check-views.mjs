/** `| safe` turns autoescaping off for a value (CWE-79): no view may use it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const views = join(import.meta.dirname, '..', 'views');
const unsafe = /\|\s*safe\b|\{%-?\s*autoescape\s+false/;

const found = readdirSync(views, { recursive: true })
  .filter((name) => name.endsWith('.njk'))
  .flatMap((name) =>
    readFileSync(join(views, name), 'utf8')
      .split('\n')
      .map((text, index) => ({ where: `views/${name}:${index + 1}`, text })),
  )
  .filter(({ text }) => unsafe.test(text));

for (const { where, text } of found) console.error(`${where}: ${text.trim()}`);
if (found.length > 0) console.error('A view turns autoescaping off: show the value as it is, or build the markup in the view.');
process.exitCode = found.length > 0 ? 1 : 0;
