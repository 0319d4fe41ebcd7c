/** A gate for costly work: so many at once, so many waiting, and a plain no to the rest. */

/** More is waiting than the queue holds: the caller should answer 503 with Retry-After. */
export class GateFullError extends Error {
  readonly code = 'GATE_FULL';
  readonly retryAfterSeconds = 5;
  constructor() {
    super('too much work is waiting already');
  }
}

/** A gate of width one for each key, such as each member: who floods it keeps nobody else waiting. */
export class GateByKey {
  private readonly gates = new Map<string, { readonly gate: Gate; inside: number }>();

  /** @param queue how many of one key may wait */
  constructor(private readonly queue: number) {}

  /** @throws GateFullError before `work` was begun */
  async run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const entry = this.gates.get(key) ?? { gate: new Gate(1, this.queue), inside: 0 };
    this.gates.set(key, entry);
    entry.inside += 1;
    try {
      return await entry.gate.run(work);
    } finally {
      entry.inside -= 1;
      if (entry.inside === 0) this.gates.delete(key);
    }
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
