/** Organizations with many people in them, as `gatehouse import` takes them. */
import bcrypt from 'bcrypt';

import { password, totpSecret } from '../peers/people.mjs';

export { password };

/** One for everybody: what is measured is not how it is made. */
let passwordHash;

/** @returns lines of one organization: an owner `owner.SLUG`, and members up to `size` */
export function organizationLines(slug, size) {
  return [...linesOf({ slug, size })].join('');
}

/**
 * Organizations of one size, named by the prefix and a number from 0, as chunks that are made while they are read.
 * @param users in all; each organization has as many
 */
export function* populationChunks({ users, organizations, twoFactorRequired, prefix = 'org' }) {
  const size = Math.floor(users / organizations);
  let chunk = '';
  for (let index = 0; index < organizations; index += 1) {
    for (const line of linesOf({ slug: `${prefix}${index}`, size, twoFactorRequired, isEnrolled: twoFactorRequired })) {
      chunk += line;
      if (chunk.length < 60_000) continue;
      yield Buffer.from(chunk);
      chunk = '';
    }
  }
  if (chunk) yield Buffer.from(chunk);
}

/** @param isEnrolled whether every member has an authenticator; else three of four have one, and the owner none */
function* linesOf({ slug, size, twoFactorRequired = false, isEnrolled = false }) {
  passwordHash ??= bcrypt.hashSync(password, 10);
  yield `${JSON.stringify({ type: 'organization', slug, name: slug, twoFactorRequired, smsAllowed: false })}\n`;
  for (let index = 0; index < size; index += 1) yield `${JSON.stringify(person(slug, index, isEnrolled))}\n`;
}

function person(slug, index, isEnrolled) {
  return {
    type: 'user',
    organization: slug,
    username: index === 0 ? `owner.${slug}` : `member${index}.${slug}`,
    name: `${firstNames[index % firstNames.length]} ${lastNames[Math.floor(index / firstNames.length) % lastNames.length]} ${index}`,
    email: `member${index}@${slug}.test`,
    role: index === 0 ? 'OWNER' : index % 50 === 0 ? 'ADMIN' : 'AGENT',
    passwordHash,
    ...(index % 3 === 0 && { phoneNumber: `+316${String(10_000_000 + index)}` }),
    ...((isEnrolled || (index > 0 && index % 4 !== 0)) && { totpSecret }),
  };
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
