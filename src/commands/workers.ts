/**
 * The processes that serve on one port (node:cluster): begun, replaced and ended by the one that the operator started, which
 * serves nothing itself.
 */
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { minutes, seconds, SystemClock } from '../platform/clock.js';
import { patience } from './told-to-stop.js';
import { RefusedByCommandError } from './with-migrated-database.js';
import { reportSchema, showSetUpLink, workerMark } from './worker.js';

type Wanted = {
  readonly count: number;
  /** Once, when all of them serve. */
  readonly open: () => void;
  readonly stopped: Promise<void>;
};

/**
 * @returns the exit code, when the last of them has ended
 * @throws RefusedByCommandError when they cannot serve
 */
export async function serveByWorkers({ count, open, stopped }: Wanted): Promise<0 | 1> {
  const hopeless = new AbortController();
  const workers = new Workers(count, { open, hopeless: (reason) => hopeless.abort(reason) });
  workers.begin();
  await Promise.race([stopped, once(hopeless.signal, 'abort')]);
  const exitCode = await workers.end();
  if (hopeless.signal.aborted) throw new RefusedByCommandError(String(hopeless.signal.reason));
  return exitCode;
}

/** One that served this long was well: what ends it does not end the next one at once. */
const steadyAfter = minutes(1);
/** So many ends in a row while none serves: it will not get better. */
const mostFailures = 5;
/** Behind each failure in a row twice as long as before. */
const longestPause = seconds(30);

type Told = { readonly open: () => void; readonly hopeless: (reason: string) => void };

class Workers {
  private readonly clock = new SystemClock();
  private readonly openSince = new Map<Worker, Date | undefined>();
  private readonly refusals = new Map<Worker, string>();
  private readonly pauses = new Set<NodeJS.Timeout>();
  private stage: 'starting' | 'open' | 'ending' = 'starting';
  private failures = 0;
  private exitCode: 0 | 1 = 0;

  constructor(
    private readonly count: number,
    private readonly tell: Told,
  ) {}

  begin(): void {
    cluster.setupPrimary({ args: ['start'] });
    cluster.on('message', (worker, said: unknown) => this.hear(worker, said));
    cluster.on('exit', (worker, code, signal) => this.replace(worker, signal ?? `exit code ${code}`));
    for (let begun = 0; begun < this.count; begun += 1) this.fork();
  }

  /** All at once, each in its own order; what hangs is cut off. */
  async end(): Promise<0 | 1> {
    this.stage = 'ending';
    for (const pause of this.pauses) clearTimeout(pause);
    const workers = [...this.openSince.keys()];
    const ends = workers.map((worker) => once(worker, 'exit'));
    for (const worker of workers) worker.process.kill('SIGTERM');
    const cutOff = setTimeout(() => workers.forEach((worker) => worker.process.kill('SIGKILL')), patience + seconds(1));
    await Promise.all(ends);
    clearTimeout(cutOff);
    return this.exitCode;
  }

  private fork(): void {
    const worker = cluster.fork(workerMark);
    this.openSince.set(worker, undefined);
    // One that could not be begun has no exit.
    worker.on('error', (error) => worker.process.pid === undefined && this.replace(worker, error.message));
  }

  private hear(worker: Worker, said: unknown): void {
    const { data: report } = reportSchema.safeParse(said);
    if (report === undefined) return;
    if ('refusal' in report) this.refusals.set(worker, report.refusal);
    else this.welcome(worker);
  }

  private welcome(worker: Worker): void {
    this.openSince.set(worker, this.clock.now());
    const areAllOpen = this.serving().length === this.count;
    if (this.stage !== 'starting' || !areAllOpen) return;
    this.stage = 'open';
    this.tell.open();
    // One that has ended by now is missed by its exit.
    worker.send(showSetUpLink, () => undefined);
  }

  private replace(worker: Worker, how: string): void {
    const openSince = this.openSince.get(worker);
    const refusal = this.refusals.get(worker);
    this.openSince.delete(worker);
    this.refusals.delete(worker);
    if (this.stage === 'ending') return this.noteEnd(how);
    if (this.stage === 'starting' && refusal !== undefined) return this.tell.hopeless(refusal);
    this.failures = this.wasSteady(openSince) ? 0 : this.failures + 1;
    const reason = refusal ?? `a process that serves ended (${how})`;
    if (this.failures >= mostFailures && this.serving().length === 0) return this.tell.hopeless(`${reason}, as others before it`);
    process.stderr.write(`gatehouse: ${reason}: another takes its place\n`);
    this.forkAfter(this.failures === 0 ? 0 : Math.min(longestPause, seconds(2 ** (this.failures - 1))));
  }

  /** One that was not up yet has nothing to end, and ends by the signal itself: ours, or a terminal's, which goes to all of them. */
  private noteEnd(how: string): void {
    if (!['exit code 0', 'SIGTERM', 'SIGINT'].includes(how)) this.exitCode = 1;
  }

  private wasSteady(openSince: Date | undefined): boolean {
    return openSince !== undefined && this.clock.now().getTime() - openSince.getTime() >= steadyAfter;
  }

  private forkAfter(pause: number): void {
    const timer = setTimeout(() => {
      this.pauses.delete(timer);
      this.fork();
    }, pause);
    this.pauses.add(timer);
  }

  private serving(): Worker[] {
    return [...this.openSince].flatMap(([worker, since]) => (since ? [worker] : []));
  }
}
