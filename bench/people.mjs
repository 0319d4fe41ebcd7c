/** Organization > People at 10,000 members, against the same page at 100. */
import { onEachDatabase } from './lib/databases.mjs';
import { gatehouse, withServer } from './lib/gatehouse.mjs';
import { Member } from './lib/member.mjs';
import { organizationLines, password } from './lib/population.mjs';
import { compare, medianMillis } from './lib/rounds.mjs';

const page = '/organization/people';
const perPage = 50;
const views = {
  'first page': '',
  'last page': (members) => `?page=${Math.ceil(members / perPage)}`,
  'searched by name': '?q=cleo',
  'not enrolled': '?filter=not-enrolled',
  'sorted by last sign-in': '?sort=-last-sign-in',
};

export async function* measure(settings) {
  const sizes = { small: 100, big: settings.isSmoke ? 300 : 10_000 };
  const times = settings.isSmoke ? 2 : 20;
  const beside = `${sizes.big.toLocaleString('en')} members against ${sizes.small}`;
  yield* onEachDatabase(settings, async function* measureOn({ fresh }) {
    const environment = await fresh();
    await gatehouse(environment, ['import', '-'], organizationLines('small', sizes.small) + organizationLines('big', sizes.big));
    yield* withServer(environment, async function* measureServer({ base }) {
      const owners = { big: await Member.signIn(base, 'owner.big', password), small: await Member.signIn(base, 'owner.small', password) };
      for (const [name, query] of Object.entries(views)) {
        const visits = Object.entries(owners).map(([slug, member]) => {
          const path = page + (typeof query === 'string' ? query : query(sizes[slug]));
          return () => medianMillis(() => member.get(path), times);
        });
        for (const visit of visits) await visit();
        yield { what: `People, ${name}: ${beside}`, unit: 'ms', ...(await compare(...visits, settings.rounds)) };
      }
    });
  });
}
