/**
 * `npm run check:mutants [-- --mutate src/…]`: Stryker changes the code that decides, one place at a time, and runs the unit
 * specs. A change that no spec notices has survived: a rule that nobody watches, or code that nothing needs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from '../scripts/build.mjs';

const here = import.meta.dirname;
const run = (command, given, cwd) => {
  const { status } = spawnSync(command, given, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(join(here, 'node_modules'))) run('npm', ['ci'], here);
await generate();
const stryker = join(here, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js');
run(process.execPath, [stryker, 'run', join(here, 'stryker.config.mjs'), ...process.argv.slice(2)], join(here, '..'));
