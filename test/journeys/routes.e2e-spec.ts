import { acts } from '../../src/sessions/domain/acts.js';
import { RouteTable } from '../../src/sessions/route-table.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, password } from '../support/people.js';
import { routerRoutes } from '../support/router.js';

describe('every route of the application', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  it('declares its stages and its roles', () => {
    const { routes } = door.app.get(RouteTable);
    expect(routes.length).toBeGreaterThan(15);
    expect(routes.filter(({ declaration }) => !declaration || declaration.stages.length === 0 || declaration.roles.length === 0)).toEqual(
      [],
    );
    expect(routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(
      routerRoutes(door)
        .map(({ method, path }) => `${method} ${path}`)
        .sort(),
    );
  });

  it('names the act of every post behind the door, and each act has one', () => {
    const posts = door.app
      .get(RouteTable)
      .routes.filter(({ method, declaration }) => method !== 'GET' && declaration?.stages.join() === 'signedIn');
    expect(posts.map(({ declaration }) => declaration?.act).sort()).toEqual(Object.keys(acts).sort());
  });

  it('opens to nobody what only owners and administrators, or only one stage, may see', () => {
    const { routes } = door.app.get(RouteTable);
    const openTo = (stage: 'anonymous' | 'enrollment' | 'challenge') =>
      routes.filter(({ declaration }) => declaration?.stages.includes(stage)).map(({ method, path }) => `${method} ${path}`);
    const health = ['GET /health/live', 'GET /health/ready'];
    const byLink = ['/password/forgot', '/password/reset', '/login/link', '/invitation', '/two-factor/lost-phone/withdraw'].flatMap(
      (path) => [`GET ${path}`, `POST ${path}`],
    );
    byLink.push('POST /login/link/browser');
    const everyone = [...health, 'GET /outbox', 'GET /setup', 'POST /setup', 'GET /sms/receipts', 'POST /sms/receipts', ...byLink];
    expect(openTo('anonymous').sort()).toEqual([...everyone, 'GET /login', 'POST /login'].sort());
    expect(openTo('enrollment').sort()).toEqual([...everyone, 'POST /logout', 'GET /two-factor/enroll', 'POST /two-factor/enroll'].sort());
    const challenge = ['/two-factor/challenge', '/two-factor/challenge/sms', '/two-factor/recovery', '/two-factor/lost-phone'].flatMap(
      (path) => [`GET ${path}`, `POST ${path}`],
    );
    expect(openTo('challenge').sort()).toEqual([...everyone, 'POST /logout', ...challenge].sort());
    const managed = routes.filter(({ declaration }) => !declaration?.roles.includes('AGENT')).map(({ path }) => path);
    const acts = ['role', 'deactivate', 'reactivate', 'unlock', 'reset-two-factor', 'refuse-lost-phone'];
    const ofMembers = acts.map((act) => `/organization/people/:username/${act}`);
    const ofPeople = ['export', 'invite', 'invitations/:id/resend', 'invitations/:id/withdraw'].map(
      (path) => `/organization/people/${path}`,
    );
    const pages = ['/organization/configuration', '/organization/people', '/organization/audit', '/organization/audit/export'];
    expect(new Set(managed)).toEqual(new Set([...pages, ...ofPeople, ...ofMembers]));
  });

  it('is left for no page without the one who is signed in: there is none, or its address cannot be read', async () => {
    await addAcme(door);
    const browser = door.browser();
    await browser.signIn('olga', password);
    for (const [path, status] of [
      ['/nowhere', 404],
      ['/health/nowhere', 404],
      ['/%E0%A4%A', 400],
    ] as const) {
      const page = await browser.get(path);
      expect([page.status, page.signedInAs]).toEqual([status, 'olga']);
    }
  });

  it('leads a visitor to the sign-in page, from GET and POST alike', async () => {
    const { routes } = door.app.get(RouteTable);
    for (const { method, path, declaration } of routes) {
      if (declaration?.stages.includes('anonymous')) continue;
      const answer = await door.browser().send(method, path);
      expect([method, path, answer.status, new URL(answer.headers.get('location') ?? '', door.base).pathname]).toEqual([
        method,
        path,
        303,
        '/login',
      ]);
    }
  });

  it('answers an address in capitals, with a slash behind it or by HEAD as it answers it plainly', async () => {
    const { routes } = door.app.get(RouteTable);
    for (const { path } of routes.filter(({ method, path }) => method === 'GET' && !path.includes(':'))) {
      const [plain, ...others] = await Promise.all([
        door.browser().send('GET', path),
        door.browser().send('GET', path.toUpperCase()),
        door.browser().send('GET', `${path}/`.replace('//', '/')),
        door.browser().send('HEAD', path),
      ]);
      const contentType = plain.headers.get('content-type');
      for (const { status, headers } of others)
        expect([path, status, headers.get('content-type')]).toEqual([path, plain.status, contentType]);
    }
  });

  it('reads the body that it takes in each of these spellings', async () => {
    const fields = new URLSearchParams(Array.from({ length: 60 }, (_, index) => [`f${index}`, 'x'] as [string, string]));
    const statusOf = async (path: string) => (await door.browser().send('POST', path, fields)).status;
    expect(await Promise.all(['/organization/configuration', '/Organization/Configuration/'].map(statusOf))).toEqual([303, 303]);
    expect(await Promise.all(['/login', '/LOGIN/'].map(statusOf))).toEqual([413, 413]);
  });
});
