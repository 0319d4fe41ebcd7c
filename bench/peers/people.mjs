/** The same people for every peer: so many with an authenticator, so many without, all with one password. */
import bcrypt from 'bcrypt';

export const password = 'open the gate at noon';
export const totpSecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** @returns an array of `{ username, name, email, phone, organization, passwordHash, totpSecret }` */
export function people(count, cost) {
  const passwordHash = bcrypt.hashSync(password, cost);
  const person = (username, secret) => ({
    ...{ username, name: 'Hana Jansen 1234', email: `${username}@acme.test`, phone: '+31612345678', organization: 'acme' },
    ...{ passwordHash, totpSecret: secret },
  });
  return Array.from({ length: count }, (_, index) => [person(`coded${index}`, totpSecret), person(`plain${index}`)]).flat();
}
