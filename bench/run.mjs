/**
 * `npm run bench [-- NAME …] [-- --json]`: starts what it measures, on both sizes of database, and prints ratios of what was
 * measured turn by turn in this run. Absolute figures are this machine's and this moment's; ratios travel.
 */
import { build } from '../scripts/build.mjs';
import { people } from './people.mjs';
import { audit } from './audit.mjs';
import { enumeration } from './enumeration.mjs';
import { printRow, printTable } from './lib/table.mjs';

const benches = { people, audit, enumeration };

const given = process.argv.slice(2);
const asJson = given.includes('--json');
const names = given.filter((argument) => argument !== '--json');
const unknown = names.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`there is no bench ${unknown}: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}

await build();
const rows = [];
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  for await (const row of benches[name]()) {
    rows.push({ bench: name, ...row });
    if (asJson) printRow(rows.at(-1));
  }
}
if (!asJson) printTable(rows);
