/** Questions of one kind that come up at one moment, asked together. */

/** So many in one: beyond that, one answer would be waited for longer than a few. */
const atMost = 100;

type Waiting<Answer> = { readonly resolve: (answer: Answer | undefined) => void; readonly reject: (error: unknown) => void };

export class Gathering<Answer> {
  private waiting = new Map<string, Waiting<Answer>[]>();

  /** @param askAll answers many keys at once; one that it leaves out has no answer */
  constructor(private readonly askAll: (keys: readonly string[]) => Promise<ReadonlyMap<string, Answer>>) {}

  /** @throws what `askAll` throws, to everybody who was in that question */
  ask(key: string): Promise<Answer | undefined> {
    // After all that has arrived at this turn of the event loop, and before anything else is waited for.
    if (this.waiting.size === 0) setImmediate(() => this.askWaiting());
    return new Promise((resolve, reject) => {
      this.waiting.set(key, [...(this.waiting.get(key) ?? []), { resolve, reject }]);
    });
  }

  private askWaiting(): void {
    const all = [...this.waiting];
    this.waiting = new Map();
    for (let from = 0; from < all.length; from += atMost) void this.askSome(all.slice(from, from + atMost));
  }

  private async askSome(asked: readonly (readonly [string, readonly Waiting<Answer>[]])[]): Promise<void> {
    try {
      const answers = await this.askAll(asked.map(([key]) => key));
      for (const [key, waiting] of asked) for (const { resolve } of waiting) resolve(answers.get(key));
    } catch (error) {
      for (const [, waiting] of asked) for (const { reject } of waiting) reject(error);
    }
  }
}
