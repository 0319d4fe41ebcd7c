/** A gate for costly work: so many at once, so many waiting, and a plain no to the rest. */

/** More is waiting than the queue holds: the caller should answer 503 with Retry-After. */
export class GateFullError extends Error {
  readonly code = 'GATE_FULL';
  readonly retryAfterSeconds = 5;
  constructor() {
    super('too much work is waiting already');
  }
}

export class Gate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * @param width how many run at once
   * @param queue how many may wait
   */
  constructor(
    private readonly width: number,
    private readonly queue: number,
  ) {}

  /** @throws GateFullError before `work` was begun */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running < this.width) this.running += 1;
    else await this.turn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.queue) throw new GateFullError();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
