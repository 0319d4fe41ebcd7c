/** When a server is told to stop, and how long it may take over that. */
import { once } from 'node:events';

/** Milliseconds: what is being answered gets this long to end. */
export const patience = 10_000;

/** Resolves when this process is told to. Ctrl-C under npm arrives twice, from the terminal and from npm: the second must not cut the first short. */
export async function untilTold(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  // From one process among several: the one that began it is gone.
  process.on('disconnect', () => stop.abort());
  await once(stop.signal, 'abort');
}

/** From here on the process ends in time, whatever still goes on in it. */
export function endInTime(): void {
  setTimeout(() => {
    process.stderr.write('gatehouse: stopped before everything had ended\n');
    process.exit(1);
  }, patience).unref();
}
