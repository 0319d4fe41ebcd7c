/** What is changed, and by which tests it is watched. */
import { fileURLToPath } from 'node:url';

const platform = ['calendar', 'client-address', 'csv', 'encryption', 'forms', 'gate', 'keyring', 'phone-number', 'secret-keys', 'wording'];

export default {
  mutate: [
    'src/**/domain/*.ts',
    'src/**/*.policy.ts',
    'src/sms/breaker.ts',
    'src/users/password-hash.ts',
    ...platform.map((name) => `src/platform/${name}.ts`),
    '!src/**/*.spec.ts',
  ],
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/jest-runner'))],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'mutants/jest.config.mjs' },
  coverageAnalysis: 'perTest',
  ignorePatterns: ['data', 'dist', 'docs', 'coverage', '/bench', '/mutants/node_modules', '/mutants/report'],
  concurrency: 1,
  disableTypeChecks: false,
  reporters: ['clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: 'mutants/report/mutation.json' },
  tempDirName: 'mutants/.sandbox',
  allowEmpty: false,
  warnings: false,
};
