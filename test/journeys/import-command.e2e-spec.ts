import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandLine, type Ended, openCommandLine } from '../support/command-line.js';

const passwordHash = `$2b$10$${'a'.repeat(53)}`;
const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: false, smsAllowed: false };
const olga = { type: 'user', organization: 'acme', username: 'Olga', name: 'Olga', role: 'OWNER', passwordHash };
const nothing = { created: 0, unchanged: 0, different: 0 };
const linesOf = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

describe('the command line', () => {
  let commandLine: CommandLine;
  let tooEarly: Ended;
  beforeAll(async () => {
    commandLine = await openCommandLine({ migrated: false });
    tooEarly = await commandLine.run(['import', '-'], { input: linesOf(acme) });
    expect(await commandLine.run(['migrate'])).toMatchObject({ code: 0, stderr: '' });
  }, 180_000);
  afterAll(() => commandLine.close());

  it('refuses to import into a database that lacks migrations, in one line', () => {
    expect(tooEarly).toEqual({ code: 1, stdout: '', stderr: 'gatehouse: the database lacks migrations: run gatehouse migrate first\n' });
  });

  it('imports a file: a summary of one line, 0 when no line was bad', async () => {
    const file = join(commandLine.folder, 'acme.ndjson');
    writeFileSync(file, linesOf(acme, olga));
    const stdout = 'organizations: 1 created, 0 unchanged, 0 different; users: 1 created, 0 unchanged, 0 different; bad lines: 0\n';
    expect(await commandLine.run(['import', file])).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('imports standard input, and with --json prints one object; a line that differs is no failure', async () => {
    const { code, stdout, stderr } = await commandLine.run(['import', '-', '--json'], {
      input: linesOf(acme, { ...olga, name: 'Olga II' }),
    });
    const summary = { organizations: { ...nothing, unchanged: 1 }, users: { ...nothing, different: 1 }, bad: 0 };
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${JSON.stringify(summary)}\n` });
    expect(stderr).toBe('line 2: differs from what is stored in name; nothing was overwritten\n');
  });

  it('fails when a line was bad, names it, and imports the rest', async () => {
    const input = `${linesOf(acme)}oops\n${linesOf({ ...olga, username: 'agnes', role: 'AGENT' }).trim()}`;
    const { code, stdout, stderr } = await commandLine.run(['import', '--json', '-'], { input });
    expect({ code, bad: JSON.parse(stdout) as unknown }).toEqual({
      code: 1,
      bad: { organizations: { ...nothing, unchanged: 1 }, users: { ...nothing, created: 1 }, bad: 1 },
    });
    expect(stderr).toBe('line 2: is not a JSON object\n');
  });

  it('says in one line that a file cannot be read', async () => {
    for (const [file, code] of [
      [join(commandLine.folder, 'absent.ndjson'), 'ENOENT'],
      [commandLine.folder, 'EISDIR'],
    ] as const) {
      expect(await commandLine.run(['import', file])).toEqual({
        code: 1,
        stdout: '',
        stderr: `gatehouse: ${file} cannot be read (${code})\n`,
      });
    }
    expect((await commandLine.run(['import'])).code).toBe(2);
  });

  it('unlocks a member, found without case', async () => {
    expect(await commandLine.run(['unlock', 'olga', '--json'])).toEqual({ code: 0, stdout: '{"unlocked":"Olga"}\n', stderr: '' });
    expect((await commandLine.run(['unlock', 'OLGA'])).stdout).toMatch(/^Olga can try again at once/);
  });

  it('says in one line that nobody has a username', async () => {
    expect(await commandLine.run(['unlock', 'nobody'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'gatehouse: nobody has the username "nobody"\n',
    });
  });
});
