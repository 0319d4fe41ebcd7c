import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandLine, openCommandLine, startServer } from '../support/command-line.js';

describe('starting', () => {
  let commands: CommandLine;
  // One folder for all: a database is made once.
  beforeAll(async () => {
    commands = await openCommandLine();
  });
  afterAll(() => commands.close());

  it('is refused beside a process that has the embedded database open, in one line', async () => {
    // What some platforms set by themselves: there is one process all the same.
    const first = await startServer({ settings: { ...commands.settings, WEB_CONCURRENCY: '2' } });
    expect(first.output.match(/^gatehouse: warning: WEB_CONCURRENCY .*one process$/gm)).toHaveLength(1);
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
    const { code, stderr } = await commands.run(['start'], { environment: { DATABASE_URL: 'postgresql://olga:hush@127.0.0.1:1/acme' } });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^gatehouse: the database is away: the server that DATABASE_URL names .+\n$/),
    ]);
    expect(stderr).not.toMatch(/hush|127\.0\.0\.1/);
  });
});
