/** Every test, by one run of jest; arguments go to jest. The last line is `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from './build.mjs';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-tests-'));
const counts = join(folder, 'counts.json');

await generate();
const code = await runJest();
const { passed, failed } = readCounts();
rmSync(folder, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = code === 0 && failed === 0 ? 0 : 1;

function runJest() {
  const given = [
    '--experimental-vm-modules',
    '--no-warnings',
    // Tests end before WebAssembly (the embedded database, Prisma's query compiler) that is compiled a second time, better, pays.
    '--liftoff-only',
    join(root, 'node_modules', 'jest', 'bin', 'jest.js'),
    ...process.argv.slice(2),
  ];
  const jest = spawn(process.execPath, given, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'test', TEST_COUNTS_FILE: counts },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => jest.kill(signal));
  return new Promise((resolve) => jest.once('close', resolve));
}

/** A run that broke off before it could count has failed. */
function readCounts() {
  try {
    return JSON.parse(readFileSync(counts, 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}
