/** What is installed is what was looked at: each package by its hash, install scripts by name, all of production in the bill. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isInProduction, nameOf, packagesOf } from './lock-file.mjs';
import { billOfMaterials } from './sbom.mjs';

/** @returns a sentence for each package that could be another one, comes from a named host, or may run a script unseen */
export function faultsOfLock({ allowScripts = {} }, lock) {
  const scripted = new Set(packagesOf(lock).flatMap(([location, entry]) => (entry.hasInstallScript ? [nameOf(location)] : [])));
  return [
    ...packagesOf(lock).flatMap(([location, { integrity, resolved }]) => [
      ...(integrity?.startsWith('sha512-') ? [] : [`${location}: no sha512 hash in the lock file`]),
      ...(resolved === undefined ? [] : [`${location}: the lock file names where it comes from (${resolved})`]),
    ]),
    ...[...scripted]
      .filter((name) => !(name in allowScripts))
      .map((name) => `${name}: has an install script that allowScripts does not name`),
    ...Object.keys(allowScripts)
      .filter((name) => !scripted.has(name))
      .map((name) => `${name}: allowScripts names it, and it has no install script`),
  ];
}

/** @returns a sentence for each package of production that a bill of materials lacks */
export function faultsOfBill({ dependencies }, lock, bill) {
  const named = new Set(bill.components.flatMap(({ name, version }) => [name, `${name}@${version}`]));
  const installed = packagesOf(lock).filter(([, entry]) => isInProduction(entry));
  return [...Object.keys(dependencies), ...installed.map(([location, { version }]) => `${nameOf(location)}@${version}`)]
    .filter((name) => !named.has(name))
    .map((name) => `${name}: not in the bill of materials`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(import.meta.dirname, '..');
  const read = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'));
  const folders = ['.', 'bench', 'mutants'].filter((folder) => existsSync(join(root, folder, 'package-lock.json')));
  const faults = [
    ...folders.flatMap((folder) => faultsOfLock(read(folder, 'package.json'), read(folder, 'package-lock.json'))),
    ...faultsOfBill(read('package.json'), read('package-lock.json'), JSON.parse(billOfMaterials())),
  ];
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
