/** Gatehouse's own templates, given what Gatehouse gives them: the peers' pages differ in how they come about, and in nothing else. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import nunjucks from 'nunjucks';

const root = join(import.meta.dirname, '..', '..');
const hash = createHash('sha256');
for (const name of readdirSync(join(root, 'public')).sort()) hash.update(readFileSync(join(root, 'public', name)));
const assetVersion = hash.digest('hex').slice(0, 12);

export const viewsDirectory = join(root, 'views');
export const environment = new nunjucks.Environment(new nunjucks.FileSystemLoader(viewsDirectory), { autoescape: true });

/** As long as Gatehouse's. */
export const newToken = () => `${randomBytes(16).toString('base64url')}.${randomBytes(32).toString('base64url')}`;

const layoutOf = (currentPath, csrfToken, member) => ({
  ...{ product: 'Gatehouse', csrfToken, currentPath, assetVersion },
  ...(member && {
    endsIn: 86_000,
    signedInAs: member.username,
    name: member.name,
    organizationName: member.organization,
    canManage: false,
  }),
});

/** @returns the template and what it is rendered with, as `response.render` and `environment.render` take it */
export const views = {
  home: (member, csrfToken) => [
    'home/home.njk',
    {
      layout: layoutOf('/', csrfToken, member),
      page: {
        ...{ name: member.name, role: 'Agent', organizationName: member.organization, canManage: false },
        protection: { kind: 'two-factor', text: `Your password and a code. ${member.organization} asks for both.` },
      },
    },
  ],
  details: (member, csrfToken) => [
    'users/details.njk',
    {
      layout: layoutOf('/profile/details', csrfToken, member),
      page: {
        values: { name: member.name, email: member.email, phoneNumber: member.phone ?? '' },
        ...{ username: member.username, role: 'Agent' },
      },
    },
  ],
  login: (csrfToken) => ['auth/login.njk', { layout: layoutOf('/login', csrfToken), page: { username: '' } }],
  challenge: (member, csrfToken) => [
    'mfa/challenge.njk',
    {
      layout: layoutOf('/two-factor/challenge', csrfToken),
      page: {
        ...{ username: member.username, organizationName: member.organization },
        appEntry: { issuer: 'Gatehouse', account: `${member.organization} - ${member.username}` },
      },
    },
  ],
};
