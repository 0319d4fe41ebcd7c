/** Work that a running server does again and again: one run at a time, and an outage ends no more than one run. */

type Schedule = {
  /** Milliseconds from one start to the next; a run that takes longer leaves the next one out. */
  readonly every: number;
  readonly failed: (error: unknown) => void;
};

export class RecurringWork {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly schedule: Schedule,
  ) {}

  /** Begins at once. Keeps no process alive. */
  start(): void {
    this.timer = setInterval(() => void this.run(), this.schedule.every).unref();
    void this.run();
  }

  /** Resolves when the run that is under way has ended. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  private run(): Promise<void> {
    this.underWay ??= this.work()
      .catch(this.schedule.failed)
      .finally(() => (this.underWay = undefined));
    return this.underWay;
  }
}
