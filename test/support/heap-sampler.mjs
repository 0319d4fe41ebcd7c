/** Preloaded into a process under test (`node --expose-gc --import`): writes the peak of its live heap to HEAP_REPORT, in bytes. */
import { writeFileSync } from 'node:fs';

const everyMillis = 250;
let peakHeap = 0;
let peakRss = 0;

setInterval(() => {
  globalThis.gc();
  const { heapUsed, rss } = process.memoryUsage();
  peakHeap = Math.max(peakHeap, heapUsed);
  peakRss = Math.max(peakRss, rss);
}, everyMillis).unref();

process.on('exit', () => writeFileSync(process.env.HEAP_REPORT, JSON.stringify({ peakHeap, peakRss })));
