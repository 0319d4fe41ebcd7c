import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../support/browser.js';
import { type CommandLine, openCommandLine } from '../support/command-line.js';
import { freePort } from '../support/door.js';
import { password } from '../support/people.js';

const owner = { organizationName: 'Acme', name: 'Olga', username: 'olga', email: 'olga@acme.test', password };

describe('starting', () => {
  let commands: CommandLine;
  beforeEach(async () => {
    commands = await openCommandLine();
  });
  afterEach(() => commands.close());

  /** Starts the server as a process of its own and waits until it has said so. */
  const start = async () => {
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    const environment = { ...process.env, ...commands.settings, PORT: String(port), PUBLIC_URL: base };
    const child = spawn(process.execPath, [join(process.cwd(), 'bin', 'gatehouse.mjs'), 'start'], { env: environment });
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.once('exit', () => reject(new Error(output)));
      child.stderr.on('data', (part: Buffer) => (output += part.toString()));
      child.stdout.on('data', (part: Buffer) => {
        output += part.toString();
        if (/setup\?token=\S+\n\n/.test(output) || /open at[\s\S]*ready/.test(output)) resolve();
      });
    });
    const stop = (signal: NodeJS.Signals) => new Promise<number | null>((resolve) => void child.once('exit', resolve).kill(signal));
    return { base, link: /\S+\/setup\?token=\S+/.exec(output)?.[0] ?? '', output, stop };
  };

  it('prints the set-up link on an empty database, and another at a restart', async () => {
    const first = await start();
    expect((await fetch(`${first.base}/health/ready`)).status).toBe(200);
    expect((await fetch(`${first.base}/health/live`, { method: 'HEAD' })).status).toBe(200);
    const browser = new Browser(first.base);
    expect((await browser.get(first.link.replace(first.base, ''))).status).toBe(200);
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = await start();
    expect(second.link).not.toBe('');
    expect(second.link.split('token=')[1]).not.toBe(first.link.split('token=')[1]);
    const page = await new Browser(second.base).visitAndSubmit(second.link.replace(second.base, ''), 'organizationName', owner);
    expect(page.signedInAs).toBe('olga');
    expect(await second.stop('SIGKILL')).toBeNull();
  });

  it('keeps what it acknowledged when it is killed', async () => {
    const first = await start();
    const browser = new Browser(first.base);
    await browser.visitAndSubmit(first.link.replace(first.base, ''), 'organizationName', owner);
    await first.stop('SIGKILL');
    const imported = await commands.run(['import', '-', '--json'], {
      input: '{"type":"organization","slug":"acme","name":"Acme","twoFactorRequired":false,"smsAllowed":false}\n',
    });
    expect([imported.code, imported.stderr]).toEqual([0, '']);
    expect(JSON.parse(imported.stdout)).toMatchObject({ organizations: { created: 0, unchanged: 1 } });
  });

  it('is refused beside a process that has the embedded database open, in one line', async () => {
    if (process.env.TEST_DATABASE === 'postgres') return;
    const first = await start();
    for (const command of [['start'], ['migrate'], ['import', '-']]) {
      const { code, stderr } = await commands.run(command);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^gatehouse: DATA_DIR .* is in use by process \d+.*\n$/);
    }
    expect((await fetch(`${first.base}/health/ready`)).status).toBe(200);
    await first.stop('SIGTERM');
  });

  it.each([
    [{ BCRYPT_COST: '9' }, 'BCRYPT_COST'],
    [{ PORT: 'x' }, 'PORT'],
    [{ NODE_ENV: 'production', SECRET_KEYS: '', ALLOW_EMBEDDED_DATABASE: 'maybe' }, 'ALLOW_EMBEDDED_DATABASE'],
  ])('is refused with %p, in one line that names the variable', async (environment, variable) => {
    const { code, stdout, stderr } = await commands.run(['start'], { environment });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^gatehouse: ${variable} takes .+\\n$`));
  });

  it.each(['no-such-host.invalid', '192.0.2.1'])('is refused on the address %s, which is not of this machine', async (HOST) => {
    const { code, stderr } = await commands.run(['start'], { environment: { HOST } });
    expect([code, stderr]).toEqual([1, `gatehouse: HOST takes an address of this machine, and ${HOST} is none\n`]);
  });

  it.each(['migrate', 'start'])('%s is refused with a directory that cannot be one, in one line', async (command) => {
    writeFileSync(join(commands.folder, 'file'), '');
    for (const directory of [join(commands.folder, 'file'), join(commands.folder, 'file', 'below'), '/dev/null', '/proc/nope']) {
      const { code, stderr } = await commands.run([command], { environment: { DATABASE_URL: '', DATA_DIR: directory } });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatehouse: DATA_DIR takes a directory that .+\n$/)]);
      expect(stderr).toContain(`and ${directory} is none`);
    }
  });

  it('is refused with a damaged key, which it leaves as it is', async () => {
    const file = join(commands.folder, 'secret-keys');
    writeFileSync(file, 'dev:damaged');
    const { code, stderr } = await commands.run(['start'], { environment: { DATA_DIR: commands.folder } });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatehouse: DATA_DIR takes .+secret-keys.+SECRET_KEYS\n$/)]);
    expect(readFileSync(file, 'utf8')).toBe('dev:damaged');
  });

  it.each(['migrate', 'start'])('%s is refused with a password that has a broken escape, and does not print it', async (command) => {
    const { code, stderr } = await commands.run([command], { environment: { DATABASE_URL: 'postgresql://olga:hush%E9@127.0.0.1:1/acme' } });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatehouse: DATABASE_URL takes .+%25\n$/)]);
    expect(stderr).not.toContain('hush');
  });

  it('is refused while the database is away, in one line', async () => {
    const { code, stderr } = await commands.run(['start'], { environment: { DATABASE_URL: 'postgresql://olga@127.0.0.1:1/acme' } });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatehouse: the database is away.+\n$/)]);
  });

  it('is refused on a port that is taken, in one line', async () => {
    const first = await start();
    const { code, stderr } = await commands.run(['start'], {
      environment: { PORT: new URL(first.base).port, DATA_DIR: `${commands.folder}/other` },
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gatehouse: .*PORT.*\n$/);
    await first.stop('SIGTERM');
  });
});
