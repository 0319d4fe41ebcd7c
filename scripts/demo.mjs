/** A throw-away Gatehouse with an organization and three people. Nothing leaves the machine, and nothing stays on it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const gatehouse = join(root, 'bin', 'gatehouse.mjs');
const password = 'open the gate at noon';
const people = [
  { username: 'olga', name: 'Olga Owner', role: 'OWNER', phoneNumber: '+31612345678' },
  { username: 'adam', name: 'Adam Admin', role: 'ADMIN' },
  { username: 'agnes', name: 'Agnes Agent', role: 'AGENT', phoneNumber: '+31687654321' },
];

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-demo-'));
const env = {
  ...process.env,
  NODE_ENV: 'development',
  DATA_DIR: join(folder, 'data'),
  DATABASE_URL: '',
  SMS_PROVIDER: 'outbox',
  SMTP_URL: '',
};
// The server is told to stop by the same Ctrl-C; this process stays to clean up behind it.
let server;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server?.kill(signal));

try {
  writeFileSync(join(folder, 'people.ndjson'), lines());
  if (run('migrate') && run('import', join(folder, 'people.ndjson'))) process.exitCode = await serve();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function lines() {
  const organization = {
    type: 'organization',
    slug: 'acme',
    name: 'Acme',
    twoFactorRequired: false,
    smsAllowed: false,
    smsCountries: ['NL'],
  };
  const users = people.map((person) => ({
    type: 'user',
    organization: 'acme',
    email: `${person.username}@acme.test`,
    ...person,
    password,
  }));
  return [organization, ...users].map((line) => `${JSON.stringify(line)}\n`).join('');
}

function run(...given) {
  const { status } = spawnSync(process.execPath, [gatehouse, ...given], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) process.exitCode = 1;
  return status === 0;
}

async function serve() {
  server = spawn(process.execPath, [gatehouse, 'start'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  server.stdout.on('data', (part) => {
    process.stdout.write(part);
    if (part.includes('Gatehouse is open')) console.log(signIns());
  });
  const [code] = await once(server, 'exit');
  return code ?? 1;
}

function signIns() {
  const rows = people.map(({ username, role }) => `  ${username.padEnd(8)}${role.toLowerCase().padEnd(8)}${password}`);
  const outbox = `What would go out by SMS and mail: ${env.PUBLIC_URL || `http://localhost:${env.PORT || 3000}`}/outbox`;
  return ['', 'Sign in to Acme as:', '', ...rows, '', outbox, ''].join('\n');
}
