/** Two things measured turn by turn, so that what else the machine does falls on both alike. */

/**
 * @param measured, against functions that resolve to a figure
 * @param rounds at least five
 * @returns the medians, the median of the rounds' ratios, and the least and the most of them
 */
export async function compare(measured, against, rounds = 5) {
  const pairs = [];
  for (let round = 0; round < rounds; round += 1) {
    const [first, second] = round % 2 === 0 ? [measured, against] : [against, measured];
    const [one, two] = [await first(), await second()];
    pairs.push(round % 2 === 0 ? [one, two] : [two, one]);
  }
  const ratios = pairs.map(([one, two]) => one / two);
  return {
    figure: median(pairs.map(([one]) => one)),
    against: median(pairs.map(([, two]) => two)),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
}

export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @returns milliseconds, the median of `times` runs one after the other */
export async function medianMillis(act, times) {
  const figures = [];
  for (let turn = 0; turn < times; turn += 1) {
    const start = performance.now();
    await act();
    figures.push(performance.now() - start);
  }
  return median(figures);
}
