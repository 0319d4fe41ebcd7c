/**
 * The software bill of materials: what runs in production, as CycloneDX, by npm itself and without a network.
 * `npm sbom --omit=dev` on the whole lock file leaves out what development needs as well, such as `pg`; so npm is given
 * a lock file that holds production alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isInProduction } from './lock-file.mjs';

const root = join(import.meta.dirname, '..');
const read = (name) => JSON.parse(readFileSync(join(root, name), 'utf8'));

/** @returns the document as text */
export function billOfMaterials() {
  const { devDependencies: _, ...manifest } = read('package.json');
  const lock = read('package-lock.json');
  const { devDependencies: __, ...project } = lock.packages[''];
  const packages = Object.entries(lock.packages).filter(([, entry]) => isInProduction(entry));
  const parent = mkdtempSync(join(tmpdir(), 'gatehouse-sbom-'));
  try {
    return askNpm(parent, { manifest, lock: { ...lock, packages: { ...Object.fromEntries(packages), '': project } } });
  } finally {
    rmSync(parent, { recursive: true });
  }
}

/** npm takes the application's name from its folder. */
function askNpm(parent, { manifest, lock }) {
  const cwd = join(parent, manifest.name);
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(cwd, 'package-lock.json'), JSON.stringify(lock));
  const given = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const { status, stdout, stderr } = spawnSync('npm', given, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  return stdout;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = process.argv[2] ?? 'sbom.cdx.json';
  const bill = billOfMaterials();
  writeFileSync(file, bill);
  console.log(`${JSON.parse(bill).components.length} packages in ${file}`);
}
