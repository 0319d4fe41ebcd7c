import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Browser } from '../support/browser.js';
import { type CommandLine, openCommandLine, startServer } from '../support/command-line.js';
import { layTestDatabase } from '../support/databases.js';
import { password } from '../support/people.js';

const owner = { organizationName: 'Acme', name: 'Olga', username: 'olga', email: 'olga@acme.test', password };

describe('starting', () => {
  let commands: CommandLine;
  afterEach(() => commands.close());

  const start = async ({ migrated = true } = {}) => {
    commands = await openCommandLine({ migrated });
    return startServer(commands);
  };

  it('prints the set-up link on an empty database, and another at a restart', async () => {
    const first = await start({ migrated: false });
    expect((await fetch(`${first.base}/health/ready`)).status).toBe(200);
    expect((await fetch(`${first.base}/health/live`, { method: 'HEAD' })).status).toBe(200);
    const browser = new Browser(first.base);
    expect((await browser.get(first.link.replace(first.base, ''))).status).toBe(200);
    expect(await first.stop('SIGTERM')).toBe(0);
    const second = await startServer(commands);
    expect(second.link).not.toBe('');
    expect(second.link.split('token=')[1]).not.toBe(first.link.split('token=')[1]);
    const page = await new Browser(second.base).visitAndSubmit(second.link.replace(second.base, ''), 'organizationName', owner);
    expect(page.signedInAs).toBe('olga');
    expect(await second.stop('SIGKILL')).toBeNull();
  });

  it('answers what is under way when it is told to stop, and nothing new', async () => {
    const server = await start();
    const { port } = new URL(server.base);
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.on('data', (part: Buffer) => (answer += part.toString()));
    const form = 'username=olga&password=x';
    socket.write(`POST /login HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\n`);
    socket.write(`Content-Length: ${form.length}\r\n\r\n${form.slice(0, 5)}`);
    // Answered after the head of the first was read.
    await fetch(`${server.base}/health/live`);
    const stopped = server.stop('SIGTERM');
    while (await fetch(`${server.base}/health/live`).catch(() => undefined)) await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(form.slice(5));
    expect(await stopped).toBe(0);
    expect(answer).toMatch(/^HTTP\/1.1 403 [\s\S]*\r\nConnection: close\r\n[\s\S]*<\/html>/);
  });

  it('waits for no connection on which nobody has asked anything', async () => {
    const server = await start();
    const silent = connect(Number(new URL(server.base).port), '127.0.0.1');
    await once(silent, 'connect');
    // Answered after that one was taken.
    await fetch(`${server.base}/health/live`);
    expect(await server.stop('SIGTERM')).toBe(0);
    silent.destroy();
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

  it('is refused on a port that is taken, in one line', async () => {
    const first = await start();
    const other = join(commands.folder, 'other');
    await layTestDatabase(join(other, 'database'));
    const { code, stderr } = await commands.run(['start'], { environment: { PORT: new URL(first.base).port, DATA_DIR: other } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gatehouse: .*PORT.*\n$/);
    await first.stop('SIGTERM');
  });
});
