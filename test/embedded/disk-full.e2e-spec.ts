import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser } from '../support/browser.js';
import { type CommandLine, openCommandLine } from '../support/command-line.js';
import { password } from '../support/people.js';
import { Victim } from '../support/victim.js';

describe('where the disk of the embedded database is full', () => {
  let commands: CommandLine;
  let server: Victim;
  beforeAll(async () => {
    commands = await openCommandLine();
    server = await Victim.of(commands, ['full-disk.mjs']);
    await server.start(/setup\?token=\S+\n/);
  });
  afterAll(async () => {
    await server.stop();
    await commands.close();
  });

  const health = async (which: string) => (await fetch(`${server.base}/health/${which}`)).status;

  it('nobody is let in, nothing is told as done, the process stays, and all goes on by itself once there is room', async () => {
    const owner = { organizationName: 'Acme', name: 'Olga', username: 'olga', email: 'olga@acme.test', password };
    const olga = new Browser(server.base);
    expect((await olga.visitAndSubmit(server.setupLink, 'organizationName', owner)).signedInAs).toBe('olga');
    const details = await olga.get('/profile/details');
    const visitor = new Browser(server.base);
    const login = await visitor.get('/login');

    const full = join(commands.settings.DATA_DIR ?? '', 'full');
    writeFileSync(full, '');
    for (let turn = 0; turn < 3; turn += 1) {
      const refused = await visitor.submit(login, 'password', { username: 'olga', password });
      expect([refused.status, refused.headers.get('retry-after'), refused.path]).toEqual([503, '5', '/login']);
      expect((await olga.submit(details, 'name', { name: 'Olga the Second' })).status).toBe(503);
      expect([await health('live'), await health('ready')]).toEqual([200, 503]);
    }
    rmSync(full);

    while ((await health('ready')) !== 200) await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await olga.get('/profile/details')).$('input[name="name"]').val()).toBe('Olga');
    expect((await olga.submit(details, 'name', { name: 'Olga the Third' })).status).toBe(200);
    expect((await olga.get('/profile/details')).$('input[name="name"]').val()).toBe('Olga the Third');
    expect((await visitor.submit(login, 'password', { username: 'olga', password })).signedInAs).toBe('olga');
    await server.stop();
    const verified = await commands.run(['audit', 'verify', '--json']);
    expect(JSON.parse(verified.stdout)).toMatchObject({ broken: null });
  });
});
