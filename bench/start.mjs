/** What a server costs before anybody comes: start to ready, memory at rest and after load, and the size of what is installed. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { enter, fillPools, prepareContenders, visitorsOf } from './lib/contenders.mjs';
import { onEachDatabase } from './lib/databases.mjs';
import { Load } from './lib/load.mjs';
import { peerNamed } from './lib/peers.mjs';
import { run } from './lib/processes.mjs';
import { inTurns, median, ratioOf } from './lib/rounds.mjs';
import { isInProduction } from '../scripts/lock-file.mjs';

const root = join(import.meta.dirname, '..');
const here = import.meta.dirname;
/** What each of them would have in its own package.json. */
const packagesOf = {
  passport: ['express', 'passport', 'passport-local', 'express-session', 'connect-pg-simple', 'pg', 'bcrypt', 'otpauth', 'nunjucks'],
  'better-auth': ['better-auth', 'pg', 'bcrypt', 'nunjucks'],
};
const goals = { PostgreSQL: { ready: 'at most 1,500 ms', rest: 'at most 130 MiB' }, embedded: {} };
const load = { lanes: 32, signIns: 8 };
/** What it takes to be able to send; nothing is sent, because everybody comes in a browser that is known. */
const senders = {
  ...{ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'door@example.com', SMS_PROVIDER: 'vonage' },
  ...{ VONAGE_API_KEY: 'key', VONAGE_API_SECRET: 'secret', VONAGE_FROM: 'Gatehouse', VONAGE_BASE_URL: 'http://127.0.0.1:9' },
};

export async function* measure(settings) {
  const restSeconds = settings.isSmoke ? 0.1 : 5;
  yield* onEachDatabase(settings, async function* measureOn(around) {
    const loader = new Load();
    try {
      const { bare, ...starts } = await prepareContenders(around, settings);
      for (const [name, { members }] of Object.entries(starts)) await fillPools(loader, name, members, settings);
      const of = (name, start) => () => observe(name, start, { settings, loader, restSeconds });
      const measures = Object.entries(starts).map(([name, { start }]) => [name, of(name, start)]);
      const sending = of('gatehouse', () => starts.gatehouse.start(senders));
      const figures = await inTurns({ ...Object.fromEntries(measures), sending }, settings.rounds);
      for (const [figure, [what, unit]] of Object.entries(observed)) {
        const all = (name) => figures[name].map((round) => round[figure]);
        yield { what, unit, figure: median(all('gatehouse')), goal: settings.goal(goals[around.name][figure]) };
        yield { what: `${what}, where mail and SMS can be sent`, unit, figure: median(all('sending')) };
        for (const name of Object.keys(starts).slice(1))
          yield { what: `${what}, against ${peerNamed(name, around.name)}`, unit, ...ratioOf(all('gatehouse'), all(name)) };
      }
    } finally {
      await loader.close();
    }
  });
  yield* measureInstall(settings);
}

const observed = {
  ready: ['Start to ready, on a migrated database', 'ms'],
  rest: ['Memory at rest', 'MiB'],
  loaded: ['Memory after load', 'MiB'],
};

/** One life of a server: it starts, rests, has pages asked for by many at once and people signing in, and ends. */
async function observe(flow, start, { settings, loader, restSeconds }) {
  const { port, startMillis, memory, stop } = await start();
  try {
    await pause(restSeconds * 1_000);
    const rest = memory();
    const { signIns, pages } = settings.seconds;
    const cookies = await enter({ port, flow }, loader, visitorsOf(settings));
    await loader.ask('pages', { port, path: '/', cookies, lanes: load.lanes, seconds: pages, warmUp: 0 });
    await loader.ask('signIns', { port, flow, pool: `${flow} coded`, withCode: true, lanes: load.signIns, seconds: signIns, warmUp: 0 });
    return { ready: startMillis, rest, loaded: memory() };
  } finally {
    await stop();
  }
}

/** Gatehouse as docs/operating.md installs it, in a copy; the peers, and all of it when nothing is judged, by what the lock file says. */
async function* measureInstall({ isSmoke }) {
  const own = isSmoke ? ownPackages() : await installCopy();
  const what = 'Size of a production install';
  yield { on: 'disk', what, figure: own, unit: 'MiB' };
  for (const [name, packages] of Object.entries(packagesOf)) {
    const other = sizeOf(here, closureOf(packages));
    yield { on: 'disk', what: `${what}, against ${peerNamed(name)}`, unit: 'MiB', ...ratioOf([own], [other]) };
  }
}

async function installCopy() {
  const copy = mkdtempSync(join(tmpdir(), 'gatehouse-install-'));
  try {
    const left = ['node_modules', '.git', 'data', 'coverage', 'bench', 'mutants', 'test', 'docs'];
    cpSync(root, copy, { recursive: true, filter: (from) => !left.includes(relative(root, from).split(/[\\/]/)[0]) });
    const given = ['ci', '--omit=dev', '--omit=optional', '--no-audit', '--no-fund', '--prefer-offline'];
    await run('npm', given, { cwd: copy, shell: process.platform === 'win32' });
    return sizeOf(copy, ['node_modules', ...product]);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What runs, besides the packages. */
const product = ['bin', 'dist', 'lists', 'prisma', 'public', 'views', 'package.json'];

function ownPackages() {
  const { packages } = readLock(root);
  const locations = Object.keys(packages).filter((location) => location !== '' && isInProduction(packages[location]));
  return sizeOf(root, [...locations, ...product]);
}

/** @returns the locations of the packages and of all that they need, as npm lays them out: near ones first */
function closureOf(names) {
  const { packages } = readLock(here);
  const found = new Set();
  const find = (from, name) => {
    for (let folder = from; ; folder = folder.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
      const location = `${folder ? `${folder}/` : ''}node_modules/${name}`;
      if (packages[location]) return location;
      if (!folder) return undefined;
    }
  };
  const follow = (from, name) => {
    const location = find(from, name);
    // An optional peer that nobody installed.
    if (!location || found.has(location)) return;
    found.add(location);
    const { dependencies = {}, peerDependencies = {} } = packages[location];
    for (const needed of Object.keys({ ...dependencies, ...peerDependencies })) follow(location, needed);
  };
  for (const name of names) follow('', name);
  return [...found];
}

function readLock(folder) {
  return JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
}

/** @returns MiB, of the blocks on the disk; a package in another one's folder is counted once */
function sizeOf(folder, names) {
  const files = new Set(
    names
      .map((name) => join(folder, name))
      .flatMap((path) => (statSync(path).isFile() ? [path] : readdirSync(path, { recursive: true }).map((name) => join(path, name)))),
  );
  return [...files].reduce((sum, path) => sum + statSync(path).blocks * 512, 0) / 1_048_576;
}
