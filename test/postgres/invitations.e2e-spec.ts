import { type OpenedDatabase, openServer } from '../../src/platform/database.js';
import { minutes } from '../../src/platform/clock.js';
import type { Browser, PageSeen } from '../support/browser.js';
import { TurnableClock } from '../support/clock.js';
import { createTestDatabase, dropTestDatabase } from '../support/databases.js';
import { type Door, openDoor } from '../support/door.js';
import { linksTo } from '../support/links.js';
import { addAcme, addOrganization, addPerson, password } from '../support/people.js';

const invite = '/organization/people/invite';
const fresh = 'seven quiet herons wading';

type Form = { readonly browser: Browser; readonly page: PageSeen };

describe('invitations behind two copies on one PostgreSQL', () => {
  let url: string;
  let opened: OpenedDatabase[];
  let doors: Door[];
  let acme: Awaited<ReturnType<typeof addAcme>>;
  beforeAll(async () => {
    url = await createTestDatabase();
    opened = [openServer(url), openServer(url)];
    const clock = new TurnableClock();
    doors = await Promise.all(opened.map(({ database }) => openDoor({ database, clock })));
    acme = await addAcme(doors[0]!);
    const globex = await addOrganization(doors[0]!, 'Globex');
    await addPerson(doors[0]!, { organizationId: globex, username: 'gina', role: 'OWNER' });
  });
  afterAll(async () => {
    await Promise.all(doors.map((door) => door.close()));
    await Promise.all(opened.map((one) => one.close()));
    await dropTestDatabase(url);
  });

  const signIn = async (door: Door, username: string) => {
    const browser = door.browser();
    await browser.signIn(username, password);
    return browser;
  };
  const linkOf = async (inviter: string, email: string) => {
    const browser = await signIn(doors[0]!, inviter);
    await browser.visitAndSubmit(invite, 'emails', { emails: email, role: 'AGENT' });
    return (await linksTo(doors[0]!, email))[0] ?? '/no-link';
  };
  const open = async (door: Door, link: string): Promise<Form> => {
    const browser = door.browser();
    return { browser, page: await browser.get(link) };
  };
  const accept = ({ browser, page }: Form, username: string) =>
    browser.submit(page, 'username', { name: 'Nina', username, password: fresh });
  const outcomes = (pages: readonly PageSeen[]) => pages.map(({ path, status }) => `${path} ${status}`).sort();

  it('make one member of one link', async () => {
    for (let round = 0; round < 3; round += 1) {
      const email = `nina${round}@new.test`;
      const link = await linkOf('olga', email);
      const forms = await Promise.all([doors[0]!, doors[1]!].map((door) => open(door, link)));
      const answers = await Promise.all(forms.map((form, index) => accept(form, `nina${round}${index}`)));
      expect(outcomes(answers)).toEqual(['/invitation 404', '/login 200']);
      expect(await doors[0]!.database.user.count({ where: { email } })).toBe(1);
      doors[0]!.clock.turn(minutes(1));
    }
  });

  it('give one username to one of two links, and the other link stays open', async () => {
    const links = [await linkOf('olga', 'rick@one.test'), await linkOf('gina', 'rick@two.test')];
    const forms = await Promise.all(links.map((link, index) => open(doors[index]!, link)));
    const answers = await Promise.all(forms.map((form) => accept(form, 'rick')));
    expect(outcomes(answers)).toEqual(['/invitation 422', '/login 200']);
    const refused = answers.findIndex(({ status }) => status === 422);
    expect(answers[refused]!.alert).toMatch(/That username is taken/);
    expect((await accept(await open(doors[0]!, links[refused]!), 'rick.two')).path).toBe('/login');
  });

  it('let nobody in by an inviter who is deactivated at that moment, but before or after', async () => {
    doors[0]!.clock.turn(minutes(1));
    const link = await linkOf('adam', 'late@new.test');
    const form = await open(doors[0]!, link);
    const olga = await signIn(doors[1]!, 'olga');
    const list = await olga.get('/organization/people?q=adam');
    const [answer] = await Promise.all([accept(form, 'late'), olga.submit(list, '/organization/people/adam/deactivate')]);
    const isIn = (await doors[0]!.database.user.count({ where: { username: 'late' } })) === 1;
    expect(answer.path).toBe(isIn ? '/login' : '/invitation');
    expect(await doors[0]!.database.user.findUniqueOrThrow({ where: { id: acme.adam } })).not.toMatchObject({ deactivatedAt: null });
  });

  it('invite an address once, whoever asks at the same moment', async () => {
    const browsers = await Promise.all(doors.map((door) => signIn(door, 'olga')));
    const pages = await Promise.all(browsers.map((browser) => browser.get(invite)));
    await Promise.all(
      browsers.map((browser, index) => browser.submit(pages[index]!, 'emails', { emails: 'once@new.test', role: 'AGENT' })),
    );
    expect(await linksTo(doors[0]!, 'once@new.test')).toHaveLength(1);
  });
});
