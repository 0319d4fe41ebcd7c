/** better-auth as its documentation sets it up on PostgreSQL, with bcrypt for its hashes and without its limits. */
import { createServer } from 'node:http';
import bcrypt from 'bcrypt';
import { betterAuth } from 'better-auth';
import { symmetricEncrypt } from 'better-auth/crypto';
import { getMigrations } from 'better-auth/db/migration';
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node';
import { twoFactor } from 'better-auth/plugins/two-factor';
import pg from 'pg';
import { people } from './people.mjs';
import { environment, newToken, views } from './views.mjs';

const cost = Number(process.env.PEER_BCRYPT_COST);
const secret = 'a secret of this peer alone, which is long enough';
const text = { type: 'string', required: false };

const auth = betterAuth({
  database: new pg.Pool({ connectionString: process.env.PEER_DATABASE_URL }),
  baseURL: `http://localhost:${process.env.PORT ?? 3000}`,
  secret,
  emailAndPassword: {
    enabled: true,
    password: { hash: (password) => bcrypt.hash(password, cost), verify: ({ hash, password }) => bcrypt.compare(password, hash) },
  },
  user: { additionalFields: { username: text, phone: text, organization: text } },
  plugins: [twoFactor()],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
});

if (process.argv.includes('seed')) await seed();
else serve();

async function seed() {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  const context = await auth.$context;
  for (const { passwordHash, totpSecret, ...person } of people(Number(process.env.PEER_PEOPLE), cost)) {
    const user = await context.internalAdapter.createUser({ ...person, emailVerified: true, twoFactorEnabled: Boolean(totpSecret) });
    await context.internalAdapter.linkAccount({ userId: user.id, accountId: user.id, providerId: 'credential', password: passwordHash });
    if (!totpSecret) continue;
    const sealed = await symmetricEncrypt({ key: context.secretConfig, data: `base32:${totpSecret}` });
    const data = { userId: user.id, secret: sealed, backupCodes: 'none', verified: true };
    await context.adapter.create({ model: 'twoFactor', data });
  }
  process.exit(0);
}

function serve() {
  const handler = toNodeHandler(auth);
  const send = (response, view) => {
    const html = environment.render(...view);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': Buffer.byteLength(html) }).end(html);
  };
  const lead = (response, location) => response.writeHead(302, { location, 'content-length': 0 }).end();
  const pages = { '/': views.home, '/profile/details': views.details };
  const answer = async (request, response) => {
    if (request.url.startsWith('/api/auth/')) return handler(request, response);
    const current = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) });
    // Who is signed in is led away from it, as by the others.
    if (request.url === '/login') return current ? lead(response, '/') : send(response, views.login(newToken()));
    if (!current) return lead(response, '/login');
    send(response, pages[request.url](current.user, newToken()));
  };
  const fail = (response) => (error) => {
    console.error(error);
    response.writeHead(500, { 'content-length': 0 }).end();
  };
  createServer((request, response) => answer(request, response).catch(fail(response))).listen(Number(process.env.PORT), '127.0.0.1');
}
