/** The process that asks, from the side of the measurement: its failures are failures here. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export class Load {
  #child;
  #jobs = new Map();
  #last = 0;

  /** @param script beside this one, or a peer's without HTTP */
  constructor(script = join(import.meta.dirname, 'loader.mjs')) {
    this.#child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child.on('message', ({ id, result, error }) => this.#end(id, error, result));
    this.#child.on('exit', () => {
      for (const id of this.#jobs.keys()) this.#end(id, 'the process that asks has ended');
    });
  }

  /** @throws when an answer was not the one expected, with what it was */
  ask(job, given) {
    return this.begin(job, given).result;
  }

  /** @returns its `result`, and `stop()`: then it ends when what it has begun is through */
  begin(job, given) {
    this.#last += 1;
    const id = this.#last;
    const result = new Promise((resolve, reject) => {
      this.#jobs.set(id, { resolve, reject });
      this.#child.send({ ...given, job, id });
    });
    return { result, stop: () => this.#child.send({ stop: id }) };
  }

  async close() {
    if (!this.#child.connected) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }

  #end(id, error, result) {
    const { resolve, reject } = this.#jobs.get(id);
    this.#jobs.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  }
}
