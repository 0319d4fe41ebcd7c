/** All that needs no running, one after the other; what fails does not keep the rest from being looked at. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { generate } from './build.mjs';

const checks = ['check:types', 'check:lint', 'check:format', 'check:imports', 'check:drift', 'check:supply'];

await generate();
const failed = checks.filter((name) => {
  console.log(`— ${name}`);
  const shell = process.platform === 'win32';
  return spawnSync('npm', ['run', '--silent', name], { cwd: join(import.meta.dirname, '..'), stdio: 'inherit', shell }).status !== 0;
});
console.log(failed.length === 0 ? 'everything is in order' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
