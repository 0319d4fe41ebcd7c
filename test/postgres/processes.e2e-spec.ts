import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { warnAboutConnections } from '../../src/commands/start-warnings.js';
import { openServer } from '../../src/platform/database.js';
import { poolSize } from '../../src/platform/server-adapter.js';
import { Browser } from '../support/browser.js';
import { type CommandLine, openCommandLine, startServer } from '../support/command-line.js';
import { freePort } from '../support/door.js';
import { password } from '../support/people.js';

const owner = { organizationName: 'Acme', name: 'Olga', username: 'olga', email: 'olga@acme.test', password };
const count = (text: string, what: RegExp) => [...text.matchAll(what)].length;

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(50);
}

/** On a connection of its own, which goes to the process whose turn it is; undefined when it breaks. */
function ask(base: string, cookie = '', path = '/'): Promise<{ readonly status: number; readonly body: string } | undefined> {
  return new Promise((resolve) => {
    const request = get(`${base}${path}`, { agent: false, headers: { cookie }, timeout: 5_000 }, (answer) => {
      let body = '';
      answer.on('data', (part) => (body += String(part))).on('error', () => resolve(undefined));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    // Node forgets a connection that it was handing to a process which died: whoever waits on it tries again.
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

describe('several processes (WEB_CONCURRENCY)', () => {
  let commands: CommandLine;
  beforeAll(async () => {
    commands = await openCommandLine();
  });
  afterAll(() => commands.close());

  const start = (environment: Readonly<Record<string, string>> = {}, isUp?: RegExp) =>
    startServer({ settings: { ...commands.settings, WEB_CONCURRENCY: '2', ...environment } }, isUp);

  it('serve on one port, each knows who is signed in, and one that dies is replaced', async () => {
    const server = await start();
    expect([count(server.output, /setup\?token=/g), count(server.output, /open at/g)]).toEqual([1, 1]);
    const browser = new Browser(server.base);
    await browser.visitAndSubmit(server.link.replace(server.base, ''), 'organizationName', owner);
    const cookie = `gatehouse=${browser.cookies.get('gatehouse')}`;
    const [first = 0, second = 0] = childrenOf(server.pid);
    for (let turn = 0; turn < 6; turn += 1) expect((await ask(server.base, cookie))?.body).toContain('olga');
    process.kill(first, 'SIGKILL');
    await until(() => childrenOf(server.pid).filter((pid) => pid !== first).length === 2);
    expect(server.output).toContain('gatehouse: a process that serves ended (SIGKILL): another takes its place\n');
    expect((await ask(server.base, cookie))?.body).toContain('olga');
    // What is answered after this is answered by one that came later.
    process.kill(second, 'SIGKILL');
    await until(async () => (await ask(server.base, cookie))?.body.includes('olga') === true);
    const later = childrenOf(server.pid);
    const taken = await commands.run(['start'], { environment: { WEB_CONCURRENCY: '2', PORT: new URL(server.base).port } });
    expect(taken.code).toBe(1);
    expect(taken.stdout).not.toContain('open at');
    expect(taken.stderr).toMatch(/^gatehouse: PORT takes a free port[^\n]*\n$/);
    expect(await server.stop('SIGTERM')).toBe(0);
    expect([first, second, ...later].filter(isAlive)).toEqual([]);
    expect(await ask(server.base)).toBeUndefined();
  });

  it('end with the one that began them, even when it is killed, and answer before that what is under way', async () => {
    const server = await start({}, /open at/);
    const workers = childrenOf(server.pid);
    const { port } = new URL(server.base);
    const socket = connect(Number(port), '127.0.0.1');
    let answer = '';
    socket.on('data', (part: Buffer) => (answer += part.toString()));
    const form = 'username=olga&password=x';
    const head = `POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n`;
    socket.write(head + form.slice(0, 5));
    // Both have taken what came before.
    for (const _ of workers) await ask(server.base, '', '/health/live');
    await server.stop('SIGKILL');
    socket.write(form.slice(5));
    await until(() => !workers.some(isAlive));
    expect(answer).toMatch(/^HTTP\/1.1 403 [\s\S]*<\/html>/);
  });

  it('are told from their start that the server has too few connections for all of them', async () => {
    const { database, close } = openServer(commands.settings.DATABASE_URL ?? '');
    const written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const rows = await database.$queryRaw<{ most: number }[]>`SELECT current_setting('max_connections')::int AS most`;
      // A few of them are kept for superusers.
      const tooMany = Math.floor(rows[0]!.most / poolSize);
      await warnAboutConnections(database, tooMany - 1);
      expect(written).not.toHaveBeenCalled();
      await warnAboutConnections(database, tooMany);
      expect(written).toHaveBeenCalledWith(
        expect.stringContaining(`WEB_CONCURRENCY=${tooMany} may open ${tooMany * poolSize} connections`),
      );
    } finally {
      written.mockRestore();
      await close();
    }
  });

  it.each(['1', '2'])(
    'are not begun where a manager of processes begins Gatehouse by node:cluster itself: WEB_CONCURRENCY=%s',
    async (count) => {
      const manager = join(commands.folder, 'manager.cjs');
      const exec = join(process.cwd(), 'bin', 'gatehouse.mjs');
      writeFileSync(
        manager,
        `const cluster = require('node:cluster');
      cluster.setupPrimary({ exec: ${JSON.stringify(exec)}, args: ['start'], execArgv: ['--liftoff-only'] });
      cluster.fork().on('exit', (code) => process.exit(code));
      process.on('SIGTERM', () => Object.values(cluster.workers).forEach((worker) => worker.process.kill('SIGTERM')));`,
      );
      const port = String(await freePort());
      const child = spawn(process.execPath, [manager], {
        env: { ...process.env, ...commands.settings, PORT: port, WEB_CONCURRENCY: count },
      });
      let output = '';
      child.stderr.on('data', (part: Buffer) => (output += part.toString()));
      child.stdout.on('data', (part: Buffer) => (output += part.toString()));
      await until(() => output.includes('open at') || child.exitCode !== null);
      expect((await ask(`http://127.0.0.1:${port}`, '', '/login'))?.status).toBe(200);
      child.kill('SIGTERM');
      expect(await once(child, 'close')).toEqual([0, null]);
      expect(output).toMatch(/^Gatehouse is open at \S+\n/);
    },
  );

  it('are given up when one after the other dies at its start, with the reason in the last line', async () => {
    const deadly = join(commands.folder, 'deadly.cjs');
    writeFileSync(deadly, "if (require('node:cluster').isWorker) process.kill(process.pid, 'SIGKILL');\n");
    const { code, stderr } = await commands.run(['start'], { environment: { WEB_CONCURRENCY: '2' }, node: ['--require', deadly] });
    expect(code).toBe(1);
    const lines = stderr.trim().split('\n');
    expect(lines.pop()).toBe('gatehouse: a process that serves ended (SIGKILL), as others before it');
    expect(new Set(lines)).toEqual(new Set(['gatehouse: a process that serves ended (SIGKILL): another takes its place']));
  });
});
