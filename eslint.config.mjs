/** What the compiler does not hold: no escape from the types, and time, chance and raw SQL from one place. */
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const time = 'comes from the Clock (src/platform/clock.ts), so that tests can turn it';

const noClock = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: `The time ${time}.` },
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: `The time ${time}.` },
  {
    selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']",
    message: 'Chance comes from src/platform/randomness.ts.',
  },
];

const noAssertions = [
  {
    selector: "TSAsExpression:not([typeAnnotation.typeName.name='const'])",
    message: 'Parse or narrow it: only `as const` is allowed here.',
  },
];

const noRawSql = [
  {
    selector: 'MemberExpression[property.name=/^\\$(queryRawUnsafe|executeRawUnsafe)$/]',
    message: 'Use the tagged $queryRaw or $executeRaw: their values are parameters (CWE-89).',
  },
  { selector: "MemberExpression[object.name='Prisma'][property.name='raw']", message: 'Prisma.raw puts text into SQL (CWE-89).' },
];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'dist.*/',
      'coverage/',
      'src/generated/',
      'node_modules/',
      'data/',
      'docs/',
      'prisma.config.ts',
      'mutants/.sandbox/',
    ],
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A number in a template literal is plain.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A Nest module is a class without members.
      '@typescript-eslint/no-extraneous-class': 'off',
      'no-restricted-syntax': ['error', ...noRawSql, ...noAssertions, ...noClock],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['src/platform/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...noRawSql] } },
  {
    files: ['src/**/*.spec.ts', 'test/**/*.ts'],
    rules: {
      'no-restricted-syntax': 'off',
      'no-console': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['src/main.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['src/**/*.policy.ts', 'src/**/domain/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: builtinModules.filter((name) => name !== 'crypto').flatMap((name) => [name, `node:${name}`]),
          patterns: ['@nestjs/*', '@prisma/*', 'express'],
        },
      ],
    },
  },
);
