/** How many passwords one process hashes at once. */

export type Share = {
  readonly cores: number;
  /** How many processes share these cores. */
  readonly processes: number;
  /** Threads of libuv's pool in each process. */
  readonly threads: number;
};

/** As wide as this process's share of the cores; but hashes are done by the threads that read files and look names up, and leave them one. */
export function hashWidth({ cores, processes, threads }: Share): number {
  return Math.max(1, Math.min(Math.floor(cores / processes), threads - 1));
}
