/** Organizations with many people in them, as `gatehouse import` takes them. */
import bcrypt from 'bcrypt';

export const password = 'open the gate at noon';

/** @returns lines of one organization: an owner `owner.SLUG`, and members up to `size` */
export function organizationLines(slug, size) {
  const passwordHash = bcrypt.hashSync(password, 10);
  const organization = { type: 'organization', slug, name: slug, twoFactorRequired: false, smsAllowed: false };
  const people = Array.from({ length: size }, (_, index) => ({
    type: 'user',
    organization: slug,
    username: index === 0 ? `owner.${slug}` : `member${index}.${slug}`,
    name: `${firstNames[index % firstNames.length]} ${lastNames[Math.floor(index / firstNames.length) % lastNames.length]} ${index}`,
    email: `member${index}@${slug}.test`,
    role: index === 0 ? 'OWNER' : index % 50 === 0 ? 'ADMIN' : 'AGENT',
    passwordHash,
    ...(index % 3 === 0 && { phoneNumber: `+316${String(10_000_000 + index)}` }),
    ...(index > 0 && index % 4 !== 0 && { totpSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }),
  }));
  return [organization, ...people].map((line) => `${JSON.stringify(line)}\n`).join('');
}

const firstNames = [
  'Ada',
  'Bo',
  'Cleo',
  'Dina',
  'Emil',
  'Fay',
  'Gus',
  'Hana',
  'Ivo',
  'June',
  'Kim',
  'Lou',
  'Mia',
  'Nils',
  'Olga',
  'Pia',
  'Quin',
];
const lastNames = ['Abel', 'Berg', 'Cole', 'Dahl', 'Egger', 'Falk', 'Gray', 'Holm', 'Iversen', 'Jansen', 'Kuhn', 'Lund', 'Moss', 'Nagel'];
