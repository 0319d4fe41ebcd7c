/**
 * `npm run bench [-- NAME … OPTIONS]`: starts what it measures, on both sizes of database, and prints ratios of what was
 * measured turn by turn in this run. Absolute figures are this machine's and this moment's; ratios travel.
 *
 *   people, audit, enumeration   the big pages, and whether time tells who has an account
 *   sign-ins      sign-ins a second, against the raw rate of bcrypt and against two peers
 *   pages         pages a second, against a bare Express handler and two peers
 *   latency       how long a page takes while others sign in
 *   growth        the same figures with 1,000, 100,000 and 1,000,000 users; the rate of `gatehouse import`
 *   start         start to ready, memory, and the size of what a production install brings
 *
 *   --json                 one JSON object a line instead of the table
 *   --smoke                everything once and tiny, with the cheapest hashes: whether it runs, never how fast;
 *                          prints how many figures there are, and with --json the figures, which mean nothing
 *   --on postgresql        one size of database instead of both; or `--on embedded`
 *   --users 100000         `growth` up to so many users (default 1000000)
 *   --seconds 8            how long one measurement lasts, and the load of `start` (each has a default)
 *   --rounds 5             how often each thing is measured, turn by turn
 *
 * The peers (bench/peers) have their dependencies in bench/package.json; they are installed at the first run. They always stand on a
 * PostgreSQL server, also where Gatehouse stands on its embedded database. A server that is there already is not used: each run
 * starts one of its own, durable as in production (with --smoke as the tests have it), and removes it.
 * The machine should do nothing else meanwhile. What is measured and what measures share its cores. On two cores all of it takes a
 * few hours, most of them for `sign-ins` and `growth`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';

const names = ['people', 'audit', 'enumeration', 'sign-ins', 'pages', 'latency', 'growth', 'start'];
const options = {
  json: { type: 'boolean' },
  smoke: { type: 'boolean' },
  on: { type: 'string' },
  users: { type: 'string' },
  seconds: { type: 'string' },
  rounds: { type: 'string' },
};

const { values, positionals } = readArguments();
if (!existsSync(join(import.meta.dirname, 'node_modules'))) install();
await build();
const { settingsOf } = await import('./lib/settings.mjs');
const { closeDatabases } = await import('./lib/databases.mjs');
const { printCounts, printRow, printTable } = await import('./lib/table.mjs');

const settings = settingsOf(values);
const wanted = positionals.length > 0 ? positionals : names;
const rows = Object.fromEntries(wanted.map((name) => [name, []]));
const left = [...wanted];
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
// Where nobody looks at times, one may wait for another's server to start.
const ends = await Promise.allSettled(Array.from({ length: settings.isSmoke ? 3 : 1 }, runOneAfterTheOther));
await closeDatabases();
for (const { reason } of ends) if (reason) throw reason;
if (settings.isSmoke && !values.json) printCounts(rows);
else if (!values.json) printTable(Object.values(rows).flat());

async function runOneAfterTheOther() {
  for (let name = left.shift(); name !== undefined; name = left.shift()) await runOne(name);
}

/** After a failure none begins any more. */
async function runOne(name) {
  try {
    const { measure } = await import(`./${name}.mjs`);
    for await (const row of measure(settings)) {
      for (const one of ['figure', 'against', 'ratio'])
        if (row[one] !== undefined && !Number.isFinite(row[one])) throw new Error(`${row.what}: ${one} is ${row[one]}`);
      rows[name].push({ bench: name, ...row });
      if (values.json) printRow(rows[name].at(-1));
    }
    if (rows[name].length === 0) throw new Error(`${name} gave no figures`);
  } catch (error) {
    left.length = 0;
    throw error;
  }
}

function readArguments() {
  try {
    const given = parseArgs({ options, allowPositionals: true });
    const unknown = given.positionals.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`there is no bench ${unknown}: ${names.join(', ')}`);
    for (const name of ['users', 'seconds', 'rounds'])
      if (given.values[name] !== undefined && !(Number(given.values[name]) > 0)) throw new Error(`--${name} takes a number`);
    if (!['postgresql', 'embedded', undefined].includes(given.values.on)) throw new Error('--on takes postgresql or embedded');
    return given;
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

/** Its output goes to stderr: stdout is for figures. */
function install() {
  const shell = process.platform === 'win32';
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: import.meta.dirname, stdio: ['ignore', 2, 2], shell });
  if (status !== 0) process.exit(status ?? 1);
}
