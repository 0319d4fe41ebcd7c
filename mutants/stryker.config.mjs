/** What is changed, and by which tests it is watched. */
import { fileURLToPath } from 'node:url';
import { platform } from './platform.mjs';

export default {
  mutate: ['src/**/domain/*.ts', 'src/**/*.policy.ts', ...platform.map((name) => `src/platform/${name}.ts`), '!src/**/*.spec.ts'],
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/jest-runner'))],
  testRunner: 'jest',
  jest: { projectType: 'custom', configFile: 'mutants/jest.config.mjs' },
  coverageAnalysis: 'perTest',
  ignorePatterns: ['data', 'dist', 'docs', 'coverage', '/bench', '/mutants/node_modules', '/mutants/report'],
  concurrency: 1,
  // A machine that does other things meanwhile must not look like a loop without an end.
  timeoutMS: 30_000,
  disableTypeChecks: false,
  reporters: ['progress-append-only', 'clear-text', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false },
  jsonReporter: { fileName: 'mutants/report/mutation.json' },
  tempDirName: 'mutants/.sandbox',
  allowEmpty: false,
  warnings: false,
};
