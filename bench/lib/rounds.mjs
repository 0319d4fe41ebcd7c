/** Two things measured turn by turn, so that what else the machine does falls on both alike. */

/**
 * @param measured, against functions that resolve to a figure
 * @param rounds at least five, where ratios are to be believed
 * @returns the medians, the median of the rounds' ratios, and the least and the most of them
 */
export async function compare(measured, against, rounds) {
  const figures = await inTurns({ measured, against }, rounds);
  return ratioOf(figures.measured, figures.against);
}

/**
 * Every round asks all of them, and every other one in the opposite order.
 * @param measures functions that resolve to a figure, by name
 * @returns the figures of each, by name, in the order of the rounds
 */
export async function inTurns(measures, rounds) {
  const names = Object.keys(measures);
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? names : names.toReversed()) figures[name].push(await measures[name]());
  return figures;
}

/** What a row says of two things that were measured in the same rounds. */
export function ratioOf(measured, against) {
  const ratios = measured.map((figure, round) => figure / against[round]);
  return {
    figure: median(measured),
    against: median(against),
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
