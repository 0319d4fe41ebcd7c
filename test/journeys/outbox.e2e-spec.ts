import { OutboxStore } from '../../src/outbox/outbox.store.js';
import { hours, seconds } from '../../src/platform/clock.js';
import { Sweeper } from '../../src/platform/sweeper.js';
import { type Door, openDoor } from '../support/door.js';
import { addAcme, password } from '../support/people.js';

const sms = { channel: 'SMS', to: '+31612345678', text: '123456 is your Gatehouse code.\n\n@localhost #123456' } as const;
const mail = {
  channel: 'MAIL',
  to: 'olga@acme.test',
  subject: 'Hello <b>Olga</b>',
  text: 'One\nTwo <b>bold</b>',
  html: '<p>One</p>',
} as const;

describe('the outbox', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor();
  });
  afterEach(() => door.close());

  const add = (message: Parameters<OutboxStore['add']>[0]) => door.app.get(OutboxStore).add(message);
  const look = () => door.browser().get('/outbox');

  it('says that it is empty', async () => {
    const page = await look();
    expect(page).toMatchObject({ status: 200, path: '/outbox', signedInAs: undefined });
    expect(page.text).toMatch(/The outbox is empty/);
    expect(page.$('article')).toHaveLength(0);
    expect((await door.browser().get('/outbox?format=json')).body).toBe('[]');
  });

  it('shows SMS and mail to anybody, newest first, with their line breaks and without their markup', async () => {
    await add(sms);
    await add(mail);
    door.clock.turn(seconds(1));
    await add({ ...sms, text: 'the last one' });
    const page = await look();
    const articles = page.$('article').toArray();
    expect(articles.map((article) => page.$(article).find('.badge').text())).toEqual(['SMS', 'Mail', 'SMS']);
    expect(page.$(articles[0]).text()).toContain('the last one');
    expect(page.$(articles[1]).text()).toContain('Hello <b>Olga</b>');
    expect(page.$(articles[1]).text()).toContain('One\nTwo <b>bold</b>');
    expect(page.$('article b')).toHaveLength(0);
    expect(page.$(articles[2]).text()).toContain('+31612345678');
    expect(page.$(articles[2]).text()).toContain('code.\n\n@localhost #123456');
    expect(page.$(articles[2]).find('time').attr('datetime')).toBe('2026-11-24T12:00:15.000Z');
  });

  it('gives the same as JSON', async () => {
    await add(sms);
    await add(mail);
    const page = await door.browser().get('/outbox?format=json');
    expect(page.headers.get('content-type')).toMatch(/^application\/json/);
    const sentAt = '2026-11-24T12:00:15.000Z';
    expect(JSON.parse(page.body)).toEqual([
      { channel: 'mail', to: mail.to, subject: mail.subject, text: mail.text, html: mail.html, sentAt },
      { channel: 'sms', to: sms.to, text: sms.text, sentAt },
    ]);
  });

  it('shows the newest 200', async () => {
    for (let index = 0; index < 201; index += 1) await add({ ...sms, text: `Number ${index}.` });
    const page = await look();
    expect(page.$('article')).toHaveLength(200);
    expect(page.text).toContain('Number 200.');
    expect(page.text).not.toContain('Number 0.');
  });

  it('shows a member that they are signed in', async () => {
    await addAcme(door);
    const browser = door.browser();
    await browser.signIn('agnes', password);
    expect(await browser.get('/outbox')).toMatchObject({ path: '/outbox', signedInAs: 'agnes' });
  });

  it('forgets after a week', async () => {
    await add(sms);
    door.clock.turn(hours(24 * 7));
    await add(mail);
    await door.app.get(Sweeper).sweepAll();
    expect((await look()).$('article')).toHaveLength(1);
  });

  it.each(['/outbox', '/outbox?format=json'])('is not there in production: %s', async (path) => {
    await add(sms);
    const environment = { NODE_ENV: 'production', ALLOW_EMBEDDED_DATABASE: 'true' };
    const production = await openDoor({ environment, database: door.database });
    const page = await production.browser().get(path);
    expect(page.status).toBe(404);
    expect(page.body).not.toContain('123456');
    await production.close();
  });
});
