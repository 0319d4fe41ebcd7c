/** Bcrypt and nothing else, in the same process layout as Gatehouse: one Node process, as many at once as its gate lets in. */
import { availableParallelism } from 'node:os';
import bcrypt from 'bcrypt';
import { hashWidth } from '../../dist/users/hash-width.js';

const width = hashWidth({ cores: availableParallelism(), processes: 1, threads: Number(process.env.UV_THREADPOOL_SIZE ?? 4) });

process.on('message', async ({ id, ...given }) => {
  try {
    process.send({ id, result: await compareFor(given) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});

/** @param lanes how many wait for a comparison at a time; no more than the width run. @returns `perSecond`, as of sign-ins */
async function compareFor({ cost, lanes, seconds }) {
  const hash = await bcrypt.hash('open the gate at noon', cost);
  const start = performance.now();
  let count = 0;
  const lane = async () => {
    do {
      if (!(await bcrypt.compare('open the gate at noon', hash))) throw new Error('a right password was refused');
      count += 1;
    } while (performance.now() < start + seconds * 1_000);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, width) }, lane));
  return { perSecond: (1_000 * count) / (performance.now() - start) };
}
