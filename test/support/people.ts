/** Organizations and people to test with, written through the product's own stores. */
import { OrganizationStore } from '../../src/organizations/organization.store.js';
import { AuthenticatorStore } from '../../src/mfa/authenticator.store.js';
import { newSecret } from '../../src/mfa/domain/totp.js';
import { Encryption } from '../../src/platform/encryption.js';
import { Keyring } from '../../src/platform/keyring.js';
import type { Role } from '../../src/sessions/visit.js';
import { hashPassword } from '../../src/users/password-hash.js';
import { UserStore } from '../../src/users/user.store.js';
import type { Browser } from './browser.js';
import { cheapHash, type Door, secretKeys } from './door.js';
import { keepSecret, keepUsername } from './log-watch.js';

export const password = 'correct horse battery staple 9';
const stored = hashPassword(password, cheapHash);

export type Policy = { readonly twoFactorRequired?: boolean; readonly smsAllowed?: boolean };

/** @returns the organization's id */
export async function addOrganization({ database, clock }: Door, name: string, policy: Policy = {}): Promise<string> {
  const organization = { slug: name.toLowerCase(), name, smsCountries: ['NL'], createdAt: clock.now() };
  const id = await database.$transaction((transaction) => new OrganizationStore(database).create(transaction, organization));
  await database.organization.update({ where: { id }, data: policy });
  return id;
}

export type Person = { readonly organizationId: string; readonly username: string; readonly role?: Role };

/** @returns the user's id; the password is `password` */
export async function addPerson({ database, clock }: Door, { organizationId, username, role = 'AGENT' }: Person): Promise<string> {
  keepUsername(username);
  const user = { organizationId, username, name: username, email: null, role, password: await stored, createdAt: clock.now() };
  return database.$transaction((transaction) => new UserStore(database).create(transaction, user));
}

/** Gives a person a confirmed authenticator that has shown no code yet. @returns its key */
export async function enroll({ database, clock }: Door, userId: string): Promise<string> {
  const secret = newSecret();
  keepSecret('authenticator secret', secret);
  const authenticators = new AuthenticatorStore(new Encryption(new Keyring(secretKeys)));
  await database.$transaction((transaction) =>
    authenticators.add(transaction, { userId, secret, confirmedAt: clock.now(), lastUsedStep: 0 }),
  );
  return secret;
}

/** Gives a person a mobile number, as Profile > Details would. */
export async function giveNumber({ database, clock }: Door, userId: string, phoneNumber: string | null): Promise<void> {
  keepSecret('phone number', phoneNumber ?? '');
  await database.$transaction((transaction) => new UserStore(database).changeNumber(transaction, userId, { phoneNumber, at: clock.now() }));
}

/** Acme with an owner olga, an administrator adam and an agent agnes. */
export async function addAcme(
  door: Door,
  policy: Policy = {},
): Promise<{ organizationId: string; olga: string; adam: string; agnes: string }> {
  const organizationId = await addOrganization(door, 'Acme', policy);
  const olga = await addPerson(door, { organizationId, username: 'olga', role: 'OWNER' });
  const adam = await addPerson(door, { organizationId, username: 'adam', role: 'ADMIN' });
  const agnes = await addPerson(door, { organizationId, username: 'agnes' });
  return { organizationId, olga, adam, agnes };
}

/** A browser in which somebody has given their username and password. */
export async function signInAs(door: Door, username: string): Promise<Browser> {
  const browser = door.browser();
  await browser.signIn(username, password);
  return browser;
}
