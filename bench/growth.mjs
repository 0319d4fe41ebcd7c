/**
 * The same figures with many users as with 1,000: each population comes by `gatehouse import`, whose own rate is measured, and is
 * measured turn by turn beside a Gatehouse with 1,000 users in 10 organizations.
 */
import { onEachDatabase } from './lib/databases.mjs';
import { gatehouse, startGatehouse, withDatabase } from './lib/gatehouse.mjs';
import { Load } from './lib/load.mjs';
import { openSessions, readyMembers } from './lib/members.mjs';
import { populationChunks } from './lib/population.mjs';
import { inTurns, ratioOf } from './lib/rounds.mjs';

const small = { users: 1_000, organizations: 10 };
const sizes = [
  { users: 100_000, organizations: 10 },
  { users: 100_000, organizations: 10_000 },
  { users: 1_000_000, organizations: 10 },
  { users: 1_000_000, organizations: 10_000 },
];
const tiny = { base: { users: 200, organizations: 2 }, sizes: [{ users: 2_000, organizations: 200 }] };
const lanes = { signIns: 8, pages: 32 };
/** Who of them sign in and who look at Home, at most, from all over the population. */
const wanted = ({ isSmoke }) => (isSmoke ? { signIns: 60, pages: 60 } : { signIns: 600, pages: 20_000 });
/** A prime: steps of it come by everybody. */
const stride = 37;

export async function* measure(settings) {
  const base = settings.isSmoke ? tiny.base : small;
  const bigger = (settings.isSmoke ? tiny.sizes : sizes).filter(({ users }) => users <= settings.most);
  yield* onEachDatabase(settings, async function* measureOn({ name, fresh, drop }) {
    const load = new Load();
    const first = await settle(await fresh(), { ...base, name, settings, load });
    try {
      yield first.row;
      for (const size of bigger) {
        const own = await fresh();
        try {
          const second = await settle(own, { ...size, name, settings, load });
          try {
            yield second.row;
            yield* measureBeside(first, second, { settings, load, what: `${sizeOf(size)} against ${sizeOf(base)}` });
          } finally {
            await second.stop();
          }
        } finally {
          await drop(own);
        }
      }
    } finally {
      await first.stop();
      await load.close();
    }
  });
}

/** A population, all of whom have a session, and a server for them. */
async function settle(environment, { users, organizations, name, settings, load }) {
  const size = { users, organizations };
  const seconds = await gatehouse(environment, ['import', '-'], populationChunks({ ...size, twoFactorRequired: true }));
  const { cost } = settings;
  const pool = `${name} ${users} ${organizations}`;
  await chainRecords(environment);
  const some = wanted(settings);
  await load.ask('pool', { name: pool, members: await readyMembers(environment, someOf(size, some.signIns), cost) });
  const cookieOf = await openSessions(environment);
  // What the server does by itself within minutes.
  if (name === 'PostgreSQL') await withDatabase(environment, (database) => database.$executeRaw`VACUUM (ANALYZE)`);
  const { port, stop } = await startGatehouse({ ...environment, BCRYPT_COST: String(cost) });
  const target = { port, flow: 'gatehouse', pool, withCode: true };
  const cookies = someOf(size, some.pages).map(cookieOf);
  const row = { what: `Import of ${sizeOf(size)}`, figure: (users + organizations) / seconds, unit: 'rows/s' };
  return { target, cookies, stop, row };
}

/** What was imported stands on record, and a server chains that in the minute after its start: it is let do so first. */
async function chainRecords(environment) {
  const unchained = () => withDatabase(environment, (database) => database.auditRecord.count({ where: { position: null } }));
  for (let left = await unchained(); left > 0; left = await unchained()) {
    const server = await startGatehouse({ ...environment, LOG_LEVEL: 'error' });
    await new Promise((resolve) => setTimeout(resolve, 3_000 + left * 3));
    await server.stop();
  }
}

async function* measureBeside(first, second, { settings, load, what }) {
  const { signIns, pages, warmUp } = settings.seconds;
  const figures = {
    'Sign-in by password and code': ({ target }) => load.ask('signIns', { ...target, lanes: lanes.signIns, seconds: signIns, warmUp }),
    Home: ({ target: { port }, cookies }) => load.ask('pages', { port, path: '/', cookies, lanes: lanes.pages, seconds: pages, warmUp }),
  };
  for (const [name, ask] of Object.entries(figures)) {
    const of = (one) => async () => (await ask(one)).perSecond;
    const { big, base } = await inTurns({ big: of(second), base: of(first) }, settings.rounds);
    const many = name === 'Home' ? lanes.pages : lanes.signIns;
    yield { what: `${name}, ${many} at a time: ${what}`, unit: '/s', ...ratioOf(big, base), goal: settings.goal('at least 0.9') };
  }
}

/** From all over the population, and so are the first few of them. */
function someOf({ users, organizations }, most) {
  const size = Math.floor(users / organizations);
  const all = organizations * size;
  const count = Math.min(most, all);
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor((((index * stride) % count) * all) / count);
    const [organization, member] = [Math.floor(at / size), at % size];
    return member === 0 ? `owner.org${organization}` : `member${member}.org${organization}`;
  });
}

function sizeOf({ users, organizations }) {
  return `${users.toLocaleString('en')} users in ${organizations.toLocaleString('en')} organizations`;
}
