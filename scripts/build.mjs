/** Generates Prisma's client and compiles src into dist, when the sources changed. Says what it does on stderr only. */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { alone } from './build-lock.mjs';

const root = join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const at = (...names) => join(root, ...names);

/** What the generator and the compiler read. The versions of both stand in package-lock.json. */
const schemaInputs = ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'];
const buildInputs = [...schemaInputs, 'tsconfig.json', 'tsconfig.build.json', 'package.json'];
const clientMark = at('src', 'generated', 'prisma', '.schema');
const buildMark = at('dist', '.build');

/** Brings dist up to date. An installation without sources or compiler is used as it is. */
export async function build() {
  if (!canBuild()) return requireBuilt();
  if (isFresh(buildMark, hashOfBuild())) return;
  await alone(root, async () => {
    if (isFresh(buildMark, hashOfBuild())) return;
    const hash = hashOfBuild();
    await generateClient();
    await compile(hash);
  });
}

/** Brings Prisma's generated client up to date: types, lint and tests need it too. */
export async function generate() {
  if (!isFresh(clientMark, hashOf(schemaInputs))) await alone(root, generateClient);
}

function canBuild() {
  return (
    existsSync(at('src', 'cli.ts')) && existsSync(at('node_modules', 'typescript')) && existsSync(at('node_modules', '@types', 'node'))
  );
}

function requireBuilt() {
  if (!existsSync(at('dist', 'cli.js'))) throw new Error('there is nothing built here: run npm ci and npm run build where the sources are');
}

async function generateClient() {
  if (isFresh(clientMark, hashOf(schemaInputs))) return;
  say('generating the database client');
  // Prisma looks for a native schema engine that generating never starts, and would download it: any executable will do.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' };
  await run(packageFile('prisma', 'build/index.js'), ['generate', '--no-hints'], env);
  writeFileSync(clientMark, hashOf(schemaInputs));
}

/** Into a folder of its own that takes the place of dist in the end: a build that fails or is stopped changes nothing. */
async function compile(hash) {
  say('building');
  const target = `dist.${randomUUID().slice(0, 8)}`;
  const old = `${target}.old`;
  try {
    await run(packageFile('typescript', 'lib/tsc.js'), ['-p', 'tsconfig.build.json', '--outDir', target], process.env);
    writeFileSync(at(target, '.build'), hash);
    if (existsSync(at('dist'))) renameSync(at('dist'), at(old));
    renameSync(at(target), at('dist'));
  } finally {
    for (const folder of [target, old]) rmSync(at(folder), { recursive: true, force: true });
  }
}

function run(script, given, env) {
  return new Promise((resolve, reject) => {
    const output = [];
    const child = spawn(process.execPath, [script, ...given], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (part) => output.push(part));
    child.stderr.on('data', (part) => output.push(part));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(output));
      reject(new Error(`${relative(root, script)} ${given[0]} failed`));
    });
  });
}

function packageFile(name, file) {
  return join(require.resolve(`${name}/package.json`), '..', file);
}

function hashOfBuild() {
  return hashOf([...buildInputs, ...sources('src')]);
}

function sources(folder) {
  return readdirSync(at(folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.startsWith(join('src', 'generated')))
    .sort();
}

function hashOf(names) {
  const hash = createHash('sha256');
  for (const name of names)
    if (existsSync(at(name)))
      hash
        .update(`${name}\0`)
        .update(readFileSync(at(name)))
        .update('\0');
  return hash.digest('hex');
}

function isFresh(mark, hash) {
  return existsSync(mark) && readFileSync(mark, 'utf8') === hash;
}

function say(what) {
  process.stderr.write(`gatehouse: ${what} …\n`);
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  await (process.argv[2] === 'generate' ? generate() : build());
}
