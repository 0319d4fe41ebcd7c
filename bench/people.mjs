/** Organization > People at 10,000 members, against the same page at 100. */
import { onEachDatabase } from './lib/databases.mjs';
import { gatehouse, withServer } from './lib/gatehouse.mjs';
import { Member } from './lib/member.mjs';
import { organizationLines, password } from './lib/population.mjs';
import { compare, medianMillis } from './lib/rounds.mjs';

const page = '/organization/people';
const views = {
  'first page': '',
  'last page': { big: '?page=200', small: '?page=2' },
  'searched by name': '?q=cleo',
  'not enrolled': '?filter=not-enrolled',
  'sorted by last sign-in': '?sort=-last-sign-in',
};

export async function* people() {
  yield* onEachDatabase(async function* measure(environment) {
    gatehouse(environment, ['migrate']);
    gatehouse(environment, ['import', '-'], organizationLines('small', 100) + organizationLines('big', 10_000));
    yield* withServer(environment, async function* measureServer({ base }) {
      const small = await Member.signIn(base, 'owner.small', password);
      const big = await Member.signIn(base, 'owner.big', password);
      for (const [name, query] of Object.entries(views)) {
        const [ofBig, ofSmall] = typeof query === 'string' ? [query, query] : [query.big, query.small];
        const visits = [
          [big, ofBig],
          [small, ofSmall],
        ].map(
          ([member, path]) =>
            () =>
              medianMillis(() => member.get(page + path), 20),
        );
        for (const visit of visits) await visit();
        yield { what: `People, ${name}: 10,000 members against 100`, unit: 'ms', ...(await compare(...visits)) };
      }
    });
  });
}
