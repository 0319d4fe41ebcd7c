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

/** In which line somebody waits: the one ahead goes first, and each fourth turn is the other's, so that nobody waits without end. */
export type Line = 'ahead' | 'behind';
const turnsAhead = 3;

type Waiting = { readonly enter: () => void; readonly refuse: (error: unknown) => void };

export class Gate {
  private running = 0;
  private readonly lines: Readonly<Record<Line, Waiting[]>> = { ahead: [], behind: [] };
  private goneAhead = 0;

  /**
   * @param width how many run at once
   * @param queue how many may wait in each line
   * @param meetsAll which failures of one everybody who waits would meet in turn: all of them are told at once
   */
  constructor(
    private readonly width: number,
    private readonly queue: number,
    private readonly meetsAll: (error: unknown) => boolean = () => false,
  ) {}

  /** @throws GateFullError before `work` was begun; then too what `work` of another one threw, where it meets all */
  async run<Result>(work: () => Promise<Result>, line: Line = 'behind'): Promise<Result> {
    if (this.running < this.width) this.running += 1;
    else await this.turn(this.lines[line]);
    try {
      return await work();
    } catch (error) {
      if (this.meetsAll(error)) this.sendAway(error);
      throw error;
    } finally {
      const next = this.next();
      if (next) next.enter();
      else this.running -= 1;
    }
  }

  private turn(line: Waiting[]): Promise<void> {
    if (line.length >= this.queue) throw new GateFullError();
    return new Promise((enter, refuse) => line.push({ enter, refuse }));
  }

  private sendAway(error: unknown): void {
    for (const line of Object.values(this.lines)) for (const { refuse } of line.splice(0)) refuse(error);
  }

  private next(): Waiting | undefined {
    const { ahead, behind } = this.lines;
    const isBehindsTurn = this.goneAhead >= turnsAhead && behind.length > 0;
    const next = isBehindsTurn ? undefined : ahead.shift();
    this.goneAhead = next ? this.goneAhead + 1 : 0;
    return next ?? behind.shift();
  }
}
