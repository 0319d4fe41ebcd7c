import { type Door, openDoor } from '../support/door.js';
import { addAcme, password } from '../support/people.js';

const details = '/profile/details';

describe('the profile', () => {
  let door: Door;
  beforeEach(async () => {
    door = await openDoor();
    await addAcme(door);
  });
  afterEach(() => door.close());

  const signIn = async () => {
    const browser = door.browser();
    await browser.signIn('agnes', password);
    return browser;
  };

  it('keeps name and e-mail, and nothing else that is sent', async () => {
    const browser = await signIn();
    const page = await browser.visitAndSubmit(details, 'name', {
      name: ' Agnes <b>Bold</b> ',
      email: 'agnes@acme.test',
      role: 'OWNER',
      username: 'olga',
    });
    expect(page).toMatchObject({ path: details, signedInAs: 'agnes' });
    expect(page.notice).toMatch(/saved/);
    expect(page.$('input[name="name"]').val()).toBe('Agnes <b>Bold</b>');
    expect(page.body).not.toContain('<b>');
    expect(await door.database.user.findUniqueOrThrow({ where: { usernameKey: 'agnes' } })).toMatchObject({
      name: 'Agnes <b>Bold</b>',
      email: 'agnes@acme.test',
      role: 'AGENT',
    });
  });

  it('takes an empty e-mail, and refuses one that is none, beside the field', async () => {
    const browser = await signIn();
    for (const email of ['agnes', 'agnes@acme', 'a@b.test, c@d.test', 'a@b.test\r\nBcc: c@d.test']) {
      const page = await browser.visitAndSubmit(details, 'name', { name: 'Agnes', email });
      expect(page.status).toBe(422);
      expect(page.$('title').text()).toMatch(/^Error:/);
      expect(page.$('[role="alert"] a[href="#email"]')).toHaveLength(1);
      expect(page.$('#email').attr('aria-invalid')).toBe('true');
      expect(page.$('#email').attr('aria-describedby')).toBeTruthy();
    }
    expect((await browser.visitAndSubmit(details, 'name', { name: 'Agnes', email: '' })).notice).toMatch(/saved/);
  });
});
