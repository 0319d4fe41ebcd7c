import type { Door } from '../support/door.js';
import { bodyOf, EveryPost, openAttackedDoor, type Post, routesOfForms, setupPost, tokenOn } from '../support/every-post.js';
import { addPerson, enroll, password } from '../support/people.js';
import { QueryCounter } from '../support/query-counter.js';
import { routerRoutes } from '../support/router.js';
import { mailsTo } from '../support/sent.js';

/** Every statement, BEGIN and COMMIT too: each is a way to the server and back. Whoever adds one decides it here. */
const queriesOfPages = {
  '/': 1,
  '/invitation': 1,
  '/login': 0,
  '/login/link': 1,
  '/organization/audit': 2,
  '/organization/configuration': 11,
  '/organization/people': 7,
  '/organization/people/invite': 3,
  '/password/forgot': 0,
  '/password/reset': 4,
  '/profile/authenticator': 2,
  '/profile/details': 1,
  '/profile/number-test': 4,
  '/profile/number-test/sms': 1,
  '/profile/password': 1,
  '/profile/recovery-codes': 4,
  '/profile/security': 4,
  '/profile/sessions': 2,
  '/profile/two-factor/choose': 1,
  '/profile/two-factor/leave': 1,
  '/setup': 2,
  '/step-up': 1,
  '/two-factor/challenge': 5,
  '/two-factor/challenge/sms': 1,
  '/two-factor/enroll': 2,
  '/two-factor/lost-phone': 2,
  '/two-factor/lost-phone/withdraw': 2,
  '/two-factor/recovery': 1,
} as const;
const queriesOfPosts = {
  '/invitation': 17,
  '/login': 4,
  '/login/link': 2,
  '/login/link/browser': 10,
  '/logout': 7,
  '/organization/audit/export': 4,
  '/organization/configuration': 9,
  '/organization/people/:username/deactivate': 14,
  '/organization/people/:username/reactivate': 13,
  '/organization/people/:username/refuse-lost-phone': 13,
  '/organization/people/:username/reset-two-factor': 25,
  '/organization/people/:username/role': 13,
  '/organization/people/:username/unlock': 16,
  '/organization/people/export': 6,
  '/organization/people/invitations/:id/resend': 13,
  '/organization/people/invitations/:id/withdraw': 10,
  '/organization/people/invite': 14,
  '/password/forgot': 3,
  '/password/reset': 19,
  '/profile/authenticator': 14,
  '/profile/details': 8,
  '/profile/number-test': 13,
  '/profile/number-test/sms': 29,
  '/profile/password': 22,
  '/profile/recovery-codes': 12,
  '/profile/recovery-codes/kept': 2,
  '/profile/security': 11,
  '/profile/sessions/end': 7,
  '/profile/sessions/end-others': 7,
  '/profile/two-factor/choose': 9,
  '/profile/two-factor/leave': 9,
  '/step-up': 4,
  '/two-factor/challenge': 4,
  '/two-factor/challenge/sms': 30,
  '/two-factor/enroll': 19,
  '/two-factor/lost-phone': 15,
  '/two-factor/lost-phone/withdraw': 8,
  '/two-factor/recovery': 18,
} as const;

/** They have no page of their own. */
const pagesThatOnlyLead: readonly string[] = ['/profile/number-test/sms', '/two-factor/challenge/sms'];
/** Where a post is led that was not done. */
const refusals: readonly string[] = ['/login', '/step-up'];

describe('what a request asks the database, until it is answered', () => {
  let door: Door;
  let counter: QueryCounter;
  let world: EveryPost;
  let posts: readonly Post[];
  const found: { pages: Record<string, number>; posts: Record<string, number> } = { pages: {}, posts: {} };
  beforeAll(async () => {
    door = await openAttackedDoor();
    counter = new QueryCounter(door);
    const setup = await setupPost(door);
    found.pages['/setup'] = (await counter.of(() => setup.by.send('GET', setup.path))).queries;
    world = await EveryPost.open(door);
    posts = await world.posts();
  });
  afterAll(() => door.close());

  /** In the browser that has the page's form before it, else in an owner's. */
  const browserAt = (path: string) => {
    const route = path === '/login/link' ? '/login/link/browser' : path;
    const post = posts.find((one) => one.route === route) ?? posts.find((one) => one.route === '/organization/configuration');
    return post?.by ?? door.browser();
  };

  it('is counted for each page', async () => {
    const pages = routerRoutes(door).filter(({ method, path }) => method === 'GET' && !/^\/(setup|health|sms|outbox)(\/|$)/.test(path));
    for (const { path } of pages) {
      const { answer, queries } = await counter.of(() => browserAt(path).send('GET', path));
      expect([path, answer.status]).toEqual([path, pagesThatOnlyLead.includes(path) ? 303 : 200]);
      found.pages[path] = queries;
    }
    expect(found.pages).toEqual(queriesOfPages);
  });

  it('is counted for each post', async () => {
    for (const post of posts) {
      const { answer, queries } = await counter.of(() => post.by.send('POST', post.path, bodyOf(post)));
      const isRefused = answer.status >= 400 || refusals.includes(answer.headers.get('location') ?? '');
      expect([post.route, isRefused]).toEqual([post.route, false]);
      found.posts[post.route] = queries;
    }
    expect(new Set(Object.keys(found.posts))).toEqual(routesOfForms(door));
    expect(found.posts).toEqual(queriesOfPosts);
  });

  it('is two less at a challenge without a number, three less where nobody gets an SMS, and five more where a new browser is told by mail', async () => {
    const userId = await addPerson(door, { organizationId: world.acme, username: 'mia' });
    await door.database.user.update({ where: { id: userId }, data: { email: 'mia@acme.test' } });
    const key = await enroll(door, userId);
    const known = door.browser();
    await known.submit(await known.signIn('mia', password), 'code', { code: door.codeOf(key, -1) });
    const browser = door.browser();
    const page = await browser.signIn('mia', password);
    const shown = await counter.of(() => browser.send('GET', page.path));
    expect([shown.answer.status, shown.queries]).toEqual([200, queriesOfPages['/two-factor/challenge'] - 2]);
    await door.database.organization.update({ where: { id: world.acme }, data: { smsAllowed: false } });
    const without = await counter.of(() => browser.send('GET', page.path));
    expect([without.answer.status, without.queries]).toEqual([200, queriesOfPages['/two-factor/challenge'] - 3]);
    const form = new URLSearchParams({ _csrf: tokenOn(page), code: door.codeOf(key) });
    const posted = await counter.of(() => browser.send('POST', page.path, form));
    expect([posted.answer.headers.get('location'), posted.queries]).toEqual(['/', queriesOfPosts['/two-factor/challenge'] + 5]);
    expect(await mailsTo(door, 'mia@acme.test')).toHaveLength(1);
  });
});
