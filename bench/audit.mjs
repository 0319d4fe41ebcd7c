/** The audit log at 1,000,000 records, against 1,000; and an export of all of them, whose memory must not grow with them. */
import { onEachDatabase } from './lib/databases.mjs';
import { gatehouse, withDatabase, withServer } from './lib/gatehouse.mjs';
import { Member } from './lib/member.mjs';
import { organizationLines, password } from './lib/population.mjs';
import { compare, medianMillis } from './lib/rounds.mjs';

const page = '/organization/audit';
const sizesOf = ({ isSmoke }) => ({ big: isSmoke ? 5_000 : 1_000_000, small: 1_000 });
/** How often memory is looked at while an export is being read, in milliseconds. */
const lookEvery = 50;

const views = { 'first page': '', 'one kind': '?kind=code-sent', 'a week ago': '?to=2026-01-01', 'one person': '?person=member7.SLUG' };

export async function* measure(settings) {
  const sizes = sizesOf(settings);
  const times = settings.isSmoke ? 2 : 20;
  const beside = Object.values(sizes)
    .map((size) => size.toLocaleString('en'))
    .join(' records against ');
  yield* onEachDatabase(settings, async function* measureOn({ fresh }) {
    const environment = await fresh();
    await gatehouse(environment, ['import', '-'], organizationLines('small', 100) + organizationLines('big', 100));
    await withDatabase(environment, (database) => seed(database, sizes));
    yield* withServer(environment, async function* measureServer({ base, memory }) {
      const members = { small: await Member.signIn(base, 'owner.small', password), big: await Member.signIn(base, 'owner.big', password) };
      for (const [name, query] of Object.entries(views)) {
        const visit = (slug) => () => medianMillis(() => members[slug].get(page + query.replace('SLUG', slug)), times);
        for (const slug of ['big', 'small']) await visit(slug)();
        const ratio = await compare(visit('big'), visit('small'), settings.rounds);
        yield { what: `Audit log, ${name}: ${beside}`, unit: 'ms', ...ratio };
      }
      yield* measureExport(members.big, memory, sizes.big);
    });
  });
}

/** The most that the server held while each tenth of the export was read: the last against the second, when all of it is under way. */
async function* measureExport(member, memory, least) {
  const start = performance.now();
  const answer = await member.submit(page, `${page}/export`, { format: 'jsonl' });
  let [bytes, lines, looked] = [0, 0, 0];
  const held = [];
  for await (const chunk of answer.body) {
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
    if (performance.now() - looked < lookEvery) continue;
    looked = performance.now();
    held.push(memory());
  }
  const seconds = (performance.now() - start) / 1_000;
  if (answer.status !== 200 || lines < least) throw new Error(`the export was answered with ${answer.status} and ${lines} lines`);
  const tenth = Math.max(1, Math.floor(held.length / 10));
  const [first, last] = [held.slice(tenth, 2 * tenth), held.slice(-tenth)].map((looks) => Math.max(...(looks.length > 0 ? looks : held)));
  yield { what: `Audit export: ${lines} records, ${Math.round(bytes / 1e6)} MB`, figure: lines / seconds, unit: 'records/s' };
  yield {
    what: 'Audit export: memory near its end against near its beginning',
    figure: last,
    against: first,
    unit: 'MiB',
    ratio: last / first,
    spread: [last / first, last / first],
  };
}

async function seed(database, sizes) {
  for (const [slug, size] of Object.entries(sizes)) {
    const step = 50_000;
    for (let from = 0; from < size; from += step) await insert(database, slug, from, Math.min(size, from + step) - 1);
  }
  await database.$executeRaw`ANALYZE`;
}

async function insert(database, slug, from, to) {
  await database.$executeRaw`
    INSERT INTO audit_records (id, organization_id, at, kind, outcome, actor_id, actor, address, details, mac, position, link)
    SELECT gen_random_uuid(), o.id, timestamptz '2025-01-01' + n * interval '30 seconds',
      (ARRAY['sign-in', 'password-refused', 'code-sent', 'sign-out', 'step-up'])[1 + n % 5], 'DONE', u.id, u.username, '192.0.2.1',
      '{"by":"authenticator","device":"Firefox on Windows"}', 'x', n + 1, 'x'
    FROM generate_series(${from}::int, ${to}::int) AS n
    JOIN organizations o ON o.slug = ${slug}
    JOIN users u ON u.username_key = 'member' || (1 + n % 99) || '.' || ${slug}`;
}
