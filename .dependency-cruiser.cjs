/**
 * Imports run one way:
 * auth, people, import → organizations, mfa → users, sms, mail, outbox, sessions, audit → platform.
 * src/*.ts and commands/ stand above all rooms and wire them.
 */
const floors = [
  ['auth', 'people', 'import', 'home'],
  ['organizations', 'mfa'],
  ['users', 'sms', 'mail', 'outbox', 'sessions', 'audit', 'health'],
  ['platform'],
];

const rooms = (names) => `^src/(${names.join('|')})/`;

/** A room never reaches for one that is above it. */
const upward = floors.slice(1).map((names, index) => ({
  name: `${names.join('-')}-looks-up`,
  severity: 'error',
  from: { path: rooms(names) },
  to: { path: `${rooms(floors.slice(0, index + 1).flat())}|^src/commands/|^src/[^/]+\\.ts$` },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: 'auth-people-import-look-up',
      severity: 'error',
      from: { path: rooms(floors[0]) },
      to: { path: '^src/commands/|^src/[^/]+\\.ts$' },
    },
    { name: 'organizations-imports-mfa', severity: 'error', from: { path: '^src/organizations/' }, to: { path: '^src/mfa/' } },
    { name: 'mfa-imports-organizations', severity: 'error', from: { path: '^src/mfa/' }, to: { path: '^src/organizations/' } },
    { name: 'cycle', severity: 'error', from: { path: '^src/' }, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    {
      name: 'generated-client-outside-stores',
      comment: 'Only stores, platform and commands run Prisma; its types and enums are free.',
      severity: 'error',
      from: { path: '^src/', pathNot: '(\\.store\\.ts|\\.spec\\.ts)$|^src/(platform|commands|generated)/' },
      to: { path: '^src/generated/prisma/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-code-imports-a-framework',
      severity: 'error',
      from: { path: '(/domain/|\\.policy\\.ts$)', pathNot: '\\.spec\\.ts$' },
      to: { path: 'node_modules/(@nestjs|@prisma|prisma|express|passport|nunjucks|pg|@electric-sql)/' },
    },
    {
      name: 'pure-code-imports-what-is-not',
      severity: 'error',
      from: { path: '(/domain/|\\.policy\\.ts$)', pathNot: '\\.spec\\.ts$' },
      to: { path: '\\.(store|service|controller|guard|module|page)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'source-imports-a-test',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/|\\.spec\\.ts$' },
    },
    {
      name: 'source-imports-a-development-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'unresolvable', severity: 'error', from: { path: '^src/' }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/generated/prisma/.+/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
