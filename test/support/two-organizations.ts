/** Acme and Globex, each with people of every role and an address each: nobody of one has any business with the other. */
import type { Role } from '../../src/sessions/visit.js';
import type { Browser } from './browser.js';
import type { Door } from './door.js';
import { addOrganization, addPerson, type Policy, signInAs } from './people.js';

export type Somebody = { readonly id: string; readonly username: string; readonly role: Role; readonly organizationId: string };

/** Two of each role, so that an owner who steps down leaves one. */
export async function addCompany(door: Door, name: string, policy: Policy = {}): Promise<{ organizationId: string; people: Somebody[] }> {
  const organizationId = await addOrganization(door, name, policy);
  const people: Somebody[] = [];
  for (const role of ['OWNER', 'ADMIN', 'AGENT'] as const) {
    for (const which of ['one', 'two']) {
      const username = `${role.toLowerCase()}.${which}@${name.toLowerCase()}.test`;
      const id = await addPerson(door, { organizationId, username, role });
      await door.database.user.update({ where: { id }, data: { email: username } });
      people.push({ id, username, role, organizationId });
    }
  }
  return { organizationId, people };
}

/** Somebody signed in who posts forms without opening the page first: one token is good for all of a session's forms. */
export class Poster {
  private constructor(
    readonly browser: Browser,
    readonly token: string,
  ) {}

  static async of(browser: Browser): Promise<Poster> {
    const page = await browser.get('/profile/details');
    return new Poster(browser, String(page.$('input[name="_csrf"]').val()));
  }

  static async signIn(door: Door, username: string): Promise<Poster> {
    return Poster.of(await signInAs(door, username));
  }

  post(path: string, fields: Readonly<Record<string, string>> = {}) {
    return this.browser.send('POST', path, new URLSearchParams({ ...fields, _csrf: this.token }));
  }
}
