import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFileSync } from '@swc/core';
import { DataDirectoryLockError, lockDataDirectory } from './data-directory-lock.js';

let folder: string;
let taker: string;
const children = new Set<ChildProcess>();

/** A process of its own: says `ready`, takes the lock at a line on its input, says `won` or the reason, and holds on. */
const takerSource = `
  import { lockDataDirectory } from './data-directory-lock.mjs';
  console.log('ready');
  process.stdin.once('data', () => {
    try { lockDataDirectory(process.argv[2]); console.log('won'); } catch (error) { console.log(error.code + ' ' + error.message); }
  });
  setInterval(() => {}, 1000);`;

type Taker = { readonly process: ChildProcess; next(): Promise<string> };

async function startTaker(directory: string): Promise<Taker> {
  const child = spawn(process.execPath, [taker, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.add(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  expect(await next()).toBe('ready');
  return { process: child, next };
}

function attempt({ process: child, next }: Taker): Promise<string> {
  child.stdin?.write('go\n');
  return next();
}

async function kill({ process: child }: Taker): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

const lockFiles = (directory: string): string[] => readdirSync(directory).filter((name) => name.startsWith('lock'));

beforeAll(() => {
  const modules = mkdtempSync(join(tmpdir(), 'gatehouse-lock-'));
  const source = join(process.cwd(), 'src/platform');
  for (const name of ['data-directory-lock', 'lock-holder', 'error-code']) {
    const { code } = transformFileSync(join(source, `${name}.ts`), {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'es6' },
    });
    writeFileSync(join(modules, `${name}.mjs`), code.replace(/(from '\.\/[\w-]+)\.js'/g, "$1.mjs'"));
  }
  taker = join(modules, 'taker.mjs');
  writeFileSync(taker, takerSource);
});
afterAll(() => rmSync(dirname(taker), { recursive: true }));

beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'gatehouse-data-'))));
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  rmSync(folder, { recursive: true });
});

describe('the lock on the data directory', () => {
  it('makes the directory for its owner alone, and leaves nothing behind', () => {
    const directory = join(folder, 'a', 'b');
    const lock = lockDataDirectory(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(lockFiles(directory)).toEqual(['lock']);
    lock.release();
    expect(lockFiles(directory)).toEqual([]);
  });

  it('refuses while its owner lives, in one line that says what to do', async () => {
    const owner = await startTaker(folder);
    expect(await attempt(owner)).toBe('won');
    const reason = `DATA_DIR ${folder} is in use by process ${owner.process.pid}: stop it first, or use another DATA_DIR`;
    expect(() => lockDataDirectory(folder)).toThrow(new DataDirectoryLockError(reason));
    expect(lockFiles(folder)).toEqual(['lock']);
  });

  it('refuses a second time in the same process', () => {
    const lock = lockDataDirectory(folder);
    expect(() => lockDataDirectory(folder)).toThrow(DataDirectoryLockError);
    lock.release();
    lockDataDirectory(folder).release();
  });

  it('takes over from an owner that was killed', async () => {
    const owner = await startTaker(folder);
    expect(await attempt(owner)).toBe('won');
    await kill(owner);
    lockDataDirectory(folder).release();
    expect(lockFiles(folder)).toEqual([]);
  });

  it('is given back when its owner ends', async () => {
    const owner = await startTaker(folder);
    expect(await attempt(owner)).toBe('won');
    const modules = dirname(taker);
    const script = `import { lockDataDirectory } from ${JSON.stringify(join(modules, 'data-directory-lock.mjs'))}; lockDataDirectory(process.argv[1]); process.exit(3);`;
    const directory = join(folder, 'other');
    const [code] = (await once(spawn(process.execPath, ['--input-type=module', '-e', script, directory]), 'exit')) as [number];
    expect(code).toBe(3);
    expect(lockFiles(directory)).toEqual([]);
  });

  it('does not take a later process with the same number for the owner', () => {
    const stranger = { id: 'x', pid: process.pid, processStart: 'another boot/1', host: readOwnHost() };
    writeFileSync(join(folder, 'lock'), JSON.stringify(stranger));
    lockDataDirectory(folder).release();
  });

  it('leaves the lock of another host alone and names the file to remove', () => {
    writeFileSync(join(folder, 'lock'), JSON.stringify({ id: 'x', pid: 1, host: 'elsewhere.example' }));
    expect(() => lockDataDirectory(folder)).toThrow(/on host elsewhere\.example: when that one is stopped, remove .*lock by hand$/);
    expect(existsSync(join(folder, 'lock'))).toBe(true);
  });

  it('goes on where a takeover died, once and again', async () => {
    const dead = [await startTaker(folder), await startTaker(folder)];
    for (const { process: child } of dead) child.kill('SIGKILL');
    await Promise.all(dead.map(({ process: child }) => once(child, 'exit')));
    const holder = (id: string, index: number): string => JSON.stringify({ id, pid: dead[index]?.process.pid, host: readOwnHost() });
    writeFileSync(join(folder, 'lock'), holder('first', 0));
    writeFileSync(join(folder, 'lock.takeover.first'), holder('second', 1));
    writeFileSync(join(folder, 'lock.takeover.second'), holder('third', 1));
    lockDataDirectory(folder).release();
    expect(lockFiles(folder)).toEqual([]);
  });

  it('lets exactly one of ten win the lock of a dead owner, each time', async () => {
    const [first, ...racers] = await Promise.all(Array.from({ length: 11 }, () => startTaker(folder)));
    if (!first) throw new Error('no taker');
    expect(await attempt(first)).toBe('won');
    await kill(first);
    let waiting = racers;
    // Each round kills its winner and races the rest for the lock that it leaves.
    while (waiting.length > 1) {
      const said = await Promise.all(waiting.map(attempt));
      const winners = waiting.filter((_, index) => said[index] === 'won');
      expect(winners).toHaveLength(1);
      expect(said.filter((line) => line.startsWith('DATA_DIRECTORY_LOCKED DATA_DIR'))).toHaveLength(waiting.length - 1);
      await Promise.all(waiting.map(kill));
      waiting = await Promise.all(Array.from({ length: waiting.length - 1 }, () => startTaker(folder)));
    }
  }, 60_000);
});

function readOwnHost(): string {
  const lock = lockDataDirectory(join(folder, 'own'));
  const { host } = JSON.parse(readFileSync(join(folder, 'own', 'lock'), 'utf8')) as { host: string };
  lock.release();
  return host;
}
