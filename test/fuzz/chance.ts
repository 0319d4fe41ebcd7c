/** How often chance is asked, and how a run is repeated. */
import type { Parameters } from 'fast-check';

/** A new seed each time, unless FUZZ_SEED (and FUZZ_PATH) repeat a run; FUZZ_RUNS asks for more than the usual few. */
export function chance(usual: number): Parameters<unknown> {
  const { FUZZ_SEED, FUZZ_PATH, FUZZ_RUNS } = process.env;
  return {
    numRuns: FUZZ_RUNS ? Number(FUZZ_RUNS) : usual,
    ...(FUZZ_SEED && { seed: Number(FUZZ_SEED) }),
    ...(FUZZ_PATH && { path: FUZZ_PATH }),
  };
}
