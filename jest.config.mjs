/**
 * CommonJS mode: @swc/jest turns our TypeScript and the packages that are ESM only into CommonJS. Decorator metadata and
 * PGlite's own import() work in it on every supported Node. Run it by `npm test`, which generates Prisma's client first.
 */
const esmOnly = [
  '@nestjs',
  '@noble',
  '@prisma/client/runtime/.*\\.mjs',
  '@prisma/schema-engine-wasm',
  '@sparticuz/chromium',
  'cheerio',
  'data-uri-to-buffer',
  'fetch-blob',
  'formdata-polyfill',
  'file-type',
  'load-esm',
  'node-fetch',
  'otpauth',
  'strtok3',
  'token-types',
  'uint8array-extras',
  'uuid',
  'zod',
];

const swc = {
  swcrc: false,
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

const common = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: { '\\.(ts|js|mjs)$': ['@swc/jest', swc] },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})(/|$))`],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // Stryker's copies of the project, while it runs.
  modulePathIgnorePatterns: ['<rootDir>/mutants/'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};

/** One PostgreSQL server for all of these. */
const withServer = {
  globalSetup: '<rootDir>/test/support/postgres-server.ts',
  globalTeardown: '<rootDir>/test/support/stop-postgres-server.ts',
};

/** Both databases keep these promises. */
const journeys = ['<rootDir>/test/journeys/**/*.e2e-spec.ts', '<rootDir>/test/faults/**/*.e2e-spec.ts'];
/** What the embedded database alone does, and what comes before any database is opened. */
const embedded = ['<rootDir>/test/embedded/**/*.e2e-spec.ts'];

export default {
  // Each embedded database takes about 400 MB. One more than CI has cores: many tests wait for processes of their own.
  maxWorkers: 3,
  testTimeout: 180_000,
  workerIdleMemoryLimit: '1500MB',
  reporters: ['default', '<rootDir>/scripts/count-reporter.cjs'],
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/architecture/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'journeys-embedded',
      testMatch: [...journeys, ...embedded],
      setupFiles: ['<rootDir>/test/support/on-embedded.ts'],
    },
    {
      ...common,
      ...withServer,
      displayName: 'journeys-postgres',
      testMatch: journeys,
      setupFiles: ['<rootDir>/test/support/on-postgres.ts'],
    },
    {
      ...common,
      ...withServer,
      displayName: 'postgres',
      // An attack means many posts at one moment, and the embedded database takes one after the other.
      testMatch: ['postgres', 'attacks', 'fuzz', 'once'].map((folder) => `<rootDir>/test/${folder}/**/*.e2e-spec.ts`),
      setupFiles: ['<rootDir>/test/support/on-postgres.ts'],
    },
    {
      ...common,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.e2e-spec.ts'],
      setupFiles: ['<rootDir>/test/support/on-embedded.ts'],
    },
  ],
};
