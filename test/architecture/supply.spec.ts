/** What `npm run check` says of a lock file and a bill of materials that are not in order. */
import { faultsOfBill, faultsOfLock } from '../../scripts/check-supply.mjs';

const manifest = { dependencies: { kept: '1.0.0' }, allowScripts: { scripted: true } };
const integrity = 'sha512-AAAA';
const whole = {
  '': { name: 'gatehouse' },
  'node_modules/kept': { version: '1.0.0', integrity },
  'node_modules/kept/node_modules/@deep/one': { version: '2.0.0', integrity },
  'node_modules/scripted': { version: '3.0.0', integrity, hasInstallScript: true, dev: true },
  'node_modules/only-beside-development': { version: '4.0.0', integrity, devOptional: true },
};
const lockWith = (more: object = {}) => ({ packages: { ...whole, ...more } });
const component = (name: string, version: string) => ({ name, version });
const bill = [component('kept', '1.0.0'), component('@deep/one', '2.0.0')];

test('finds nothing where each package has a hash and each script a name', () => {
  expect(faultsOfLock(manifest, lockWith())).toEqual([]);
  expect(faultsOfBill(manifest, lockWith(), { components: bill })).toEqual([]);
});

test.each([
  ['a package without a hash', { version: '1.0.0' }, 'node_modules/new: no sha512 hash in the lock file'],
  ['a package with a weak hash', { integrity: 'sha1-AAAA' }, 'node_modules/new: no sha512 hash in the lock file'],
  [
    'a package from a named host',
    { integrity, resolved: 'https://example.test/new.tgz' },
    'node_modules/new: the lock file names where it comes from (https://example.test/new.tgz)',
  ],
  [
    'an install script that nobody looked at',
    { integrity, hasInstallScript: true },
    'new: has an install script that allowScripts does not name',
  ],
])('names %s', (_, entry, fault) => {
  expect(faultsOfLock(manifest, lockWith({ 'node_modules/new': entry }))).toEqual([fault]);
});

test('names a permission to run scripts that nothing needs any more', () => {
  const left = { ...manifest, allowScripts: { scripted: true, gone: true } };
  expect(faultsOfLock(left, lockWith())).toEqual(['gone: allowScripts names it, and it has no install script']);
});

test('names what runs in production and is not in the bill of materials, by name and version', () => {
  expect(faultsOfBill(manifest, lockWith(), { components: bill.slice(0, 1) })).toEqual(['@deep/one@2.0.0: not in the bill of materials']);
  const older = [component('kept', '0.9.0'), component('@deep/one', '2.0.0')];
  expect(faultsOfBill(manifest, lockWith(), { components: older })).toEqual(['kept@1.0.0: not in the bill of materials']);
});
