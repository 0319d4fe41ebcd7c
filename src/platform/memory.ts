/**
 * Keeps a server's memory small by V8's own switches, which may be set while it runs. By default V8 gives a process that has just
 * loaded thousands of small files as much room as if it went on like that: twice of what the server needs later.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * To be called before anything large is loaded. Pages that have just been begun need little more than a megabyte of young objects,
 * so that it is emptied more often and never grows to the default of 16 in each of its halves.
 */
export function startSmall(): void {
  setFlagsFromString('--optimize-for-size');
  setFlagsFromString('--semi-space-growth-factor=1');
  // Prisma's WebAssembly makes a plan of each query once: to compile it for speed as well takes megabytes and is never earned back.
  setFlagsFromString('--wasm-tiering-budget=100000000');
  nameNode();
}

/** To be called when the server is up: compiles for speed again, and lets garbage grow to a third of what is in use. */
export function serveFast(): void {
  setFlagsFromString('--no-optimize-for-size');
  setFlagsFromString('--heap-growing-percent=30');
  makeRoomForMany();
}

/**
 * Where many come at once, much of what is young is still in use whenever it is collected, and is copied each time. With four times
 * the room that happens a quarter as often. V8 would grow further, to 16 MiB a half, and its own limit cannot be set while it runs: so
 * the growth is switched off once it has happened.
 */
function makeRoomForMany(): void {
  const small = youngSpace();
  const grow = (): void => setFlagsFromString(`--semi-space-growth-factor=${youngSpace() > small ? 1 : 4}`);
  grow();
  new PerformanceObserver(grow).observe({ entryTypes: ['gc'] });
}

/** Bytes, both halves. */
function youngSpace(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}

/**
 * Node 20 has no `navigator`, as all later ones do. Where there is none, pg makes a `Response` to find out where it runs, and Node
 * loads 9 MiB for that.
 */
function nameNode(): void {
  if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { userAgent: `Node.js/${process.version}` } });
}
