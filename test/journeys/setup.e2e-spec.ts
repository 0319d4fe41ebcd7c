import { Setup } from '../../src/auth/setup.service.js';
import { hours, minutes } from '../../src/platform/clock.js';
import { type Door, openDoor } from '../support/door.js';
import { addOrganization, password } from '../support/people.js';

const owner = { organizationName: 'Acme', name: 'Olga', username: 'Olga@Acme.test', email: 'olga@acme.test', password };

describe('setting up', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const newLink = async () => new URL((await door.app.get(Setup).createLink()) ?? 'http://no.link/').toString().replace(door.base, '');

  it('makes the organization and its owner, who is then signed in', async () => {
    const page = await door.browser().visitAndSubmit(await newLink(), 'organizationName', owner);
    expect(page).toMatchObject({ status: 200, path: '/', signedInAs: 'Olga@Acme.test' });
    expect(page.text).toContain('Acme');
    expect(await door.database.user.findMany({ select: { role: true, usernameKey: true } })).toEqual([
      { role: 'OWNER', usernameKey: 'olga@acme.test' },
    ]);
  });

  it('needs the link', async () => {
    await newLink();
    expect((await door.browser().get('/setup')).status).toBe(404);
    expect((await door.browser().get('/setup?token=wrong')).status).toBe(404);
    expect((await door.browser().get('/setup?token=a&token=b')).status).toBe(422);
  });

  it('takes a link once, and all of them die together', async () => {
    const [used, other] = [await newLink(), await newLink()];
    const browser = door.browser();
    const stale = await browser.get(other);
    await door.browser().visitAndSubmit(used, 'organizationName', owner);
    expect((await door.browser().get(used)).status).toBe(404);
    expect((await door.browser().get(other)).status).toBe(404);
    expect((await browser.submit(stale, 'organizationName', { ...owner, username: 'other' })).status).toBe(404);
    expect(await door.app.get(Setup).createLink()).toBeUndefined();
  });

  it('takes one of two links that are used at once', async () => {
    const browsers = [door.browser(), door.browser(), door.browser(), door.browser()];
    const pages = await Promise.all(browsers.map(async (browser) => browser.get(await newLink())));
    const answers = await Promise.all(
      browsers.map((browser, index) => browser.submit(pages[index]!, 'organizationName', { ...owner, username: `olga${index}` })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404, 404]);
    expect(await door.database.organization.count()).toBe(1);
    expect(await door.database.user.count()).toBe(1);
  });

  it('ends a double click as one click', async () => {
    const browser = door.browser();
    const page = await browser.get(await newLink());
    const answers = await Promise.all([browser.submit(page, 'organizationName', owner), browser.submit(page, 'organizationName', owner)]);
    expect(answers.map(({ status, signedInAs }) => [status, signedInAs])).toEqual([
      [200, owner.username],
      [200, owner.username],
    ]);
    expect(await door.database.user.count()).toBe(1);
  });

  it('keeps the link open for a day, and while no organization came another way', async () => {
    const link = await newLink();
    door.clock.turn(hours(24) - minutes(1));
    expect((await door.browser().get(link)).status).toBe(200);
    door.clock.turn(minutes(1));
    expect((await door.browser().get(link)).status).toBe(404);
    const another = await newLink();
    await addOrganization(door, 'Imported');
    expect((await door.browser().get(another)).status).toBe(404);
  });

  it('says all that is wrong at once, keeps what was typed and never the password', async () => {
    const browser = door.browser();
    const page = await browser.visitAndSubmit(await newLink(), 'organizationName', {
      ...owner,
      name: ' ',
      email: 'olga',
      password: 'acme-olga-acme',
    });
    expect(page.status).toBe(422);
    expect(page.alert).toMatch(/your name/);
    expect(page.alert).toMatch(/e-mail/);
    expect(page.$('input[name="organizationName"]').val()).toBe('Acme');
    expect(page.body).not.toContain('acme-olga-acme');
    const next = await browser.submit(page, 'organizationName', { name: 'Olga', email: 'olga@acme.test', password: 'acme-olga-acme' });
    expect(next.status).toBe(422);
    expect(next.alert).toMatch(/do not count/);
    expect((await browser.submit(next, 'organizationName', { password })).signedInAs).toBe(owner.username);
  });
});
