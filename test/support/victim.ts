/** A real server, as a process of its own, that is killed with SIGKILL at a chosen write of a chosen request, and started again. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type Fields, formOf, type PageSeen } from './browser.js';
import { type CommandLine, spawnGatehouse } from './command-line.js';
import { freePort } from './door.js';

/** One post of a form that is ready to go. */
export type Post = { readonly browser: Browser; readonly action: string; readonly values: Fields };

export function postOf(browser: Browser, page: PageSeen, which: string, fields: Fields = {}): Post {
  const { action, values } = formOf(page, which);
  return { browser, action, values: { ...values, ...fields } };
}

export class Victim {
  output = '';
  private child: ChildProcess | undefined;

  private constructor(
    private readonly commands: CommandLine,
    private readonly port: number,
    private readonly preloaded: readonly string[],
  ) {}

  /** @param preloaded modules of this folder that its process loads first */
  static async of(commands: CommandLine, preloaded = ['killed-at.mjs']): Promise<Victim> {
    return new Victim(commands, await freePort(), preloaded);
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get setupLink(): string {
    return /\/setup\?token=\S+/.exec(this.output)?.[0] ?? '';
  }

  /** On the same database and the same port. @param printed what it has to have said, beside answering */
  async start(printed = /open at \S+\n/): Promise<void> {
    this.output = '';
    const given = this.preloaded.flatMap((name) => ['--import', pathToFileURL(join(process.cwd(), 'test', 'support', name)).href]);
    const own = { PORT: String(this.port), PUBLIC_URL: this.base, LIMITS: 'relaxed', LOG_LEVEL: 'error' };
    this.child = spawnGatehouse(['start'], { ...process.env, ...this.commands.settings, ...own }, given);
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (part: Buffer) => (this.output += part.toString()));
    while (!((await this.isReady()) && printed.test(this.output))) {
      if (this.child.exitCode !== null) throw new Error(`did not start: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Sends it, follows where it leads, and counts. @returns the writes, shortened */
  async perform(post: Post): Promise<readonly string[]> {
    const answer = await this.send(post, 'never');
    if (answer.status >= 400) throw new Error(`${post.action} is answered with ${answer.status}: ${answer.text}`);
    while (this.writes === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    return this.writes;
  }

  /** @returns the writes that were carried out before it was killed */
  async killAt(post: Post, write: number | 'commit' | 'committed'): Promise<readonly string[]> {
    const dead = this.child && once(this.child, 'close');
    const answer = await this.send(post, String(write)).catch(() => undefined);
    if (answer) throw new Error(`${post.action} survived with ${answer.status}`);
    const [, signal] = (await dead) ?? [];
    if (signal !== 'SIGKILL') throw new Error(`ended by ${String(signal)}: ${this.output}`);
    return this.writes ?? [];
  }

  async stop(): Promise<void> {
    if (!this.child || this.child.exitCode !== null || this.child.signalCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }

  private async isReady(): Promise<boolean> {
    return (await fetch(`${this.base}/health/ready`).catch(() => undefined))?.status === 200;
  }

  private send({ browser, action, values }: Post, killedAt: string): Promise<PageSeen> {
    this.output = '';
    return browser.send('POST', action, new URLSearchParams(values), { 'x-killed-at': killedAt });
  }

  private get writes(): readonly string[] | undefined {
    const line = this.output.split('\n').find((each) => each.startsWith('{"writes":') && each.endsWith(']}'));
    return line === undefined ? undefined : (JSON.parse(line) as { writes: string[] }).writes;
  }
}

/** Posts it once more as it was, and follows where it leads, as a person does who sees no answer and reloads. */
export async function repeat({ browser, action, values }: Post): Promise<PageSeen> {
  const page = await browser.send('POST', action, new URLSearchParams(values));
  const location = page.headers.get('location');
  return page.status === 303 && location ? browser.get(location) : page;
}
