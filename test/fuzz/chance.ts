/** How often chance is asked, how a run is repeated, and how long it may take. */
import type { Parameters } from 'fast-check';

const { FUZZ_SEED, FUZZ_PATH, FUZZ_RUNS } = process.env;
const minute = 60_000;

/** A whole night where FUZZ_RUNS asks for more than the usual few. */
export const patience = FUZZ_RUNS ? 12 * 60 * minute : 3 * minute;

/**
 * A new seed each time, unless FUZZ_SEED (and FUZZ_PATH) repeat a run. A slow machine plays fewer, and what fails is made small
 * only while there is time: the seed is printed in any case.
 */
export function chance<Values>(usual: number): Parameters<Values> {
  return {
    numRuns: FUZZ_RUNS ? Number(FUZZ_RUNS) : usual,
    interruptAfterTimeLimit: patience - minute,
    ...(FUZZ_SEED && { seed: Number(FUZZ_SEED) }),
    ...(FUZZ_PATH && { path: FUZZ_PATH }),
  };
}
