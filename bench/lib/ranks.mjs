/** The test of Mann and Whitney: whether the figures of one sample tend to be larger than those of another, by rank alone. */

/** @returns z, and p of both sides by the normal approximation, corrected for ties; for samples of 20 and more */
export function compareRanks(one, two) {
  const all = [...one.map((figure) => ({ figure, isOne: true })), ...two.map((figure) => ({ figure, isOne: false }))];
  all.sort((a, b) => a.figure - b.figure);
  let [sumOfOne, ties] = [0, 0];
  for (let from = 0; from < all.length;) {
    let to = from;
    while (to < all.length && all[to].figure === all[from].figure) to += 1;
    const [rank, alike] = [(from + 1 + to) / 2, to - from];
    sumOfOne += rank * all.slice(from, to).filter(({ isOne }) => isOne).length;
    ties += alike ** 3 - alike;
    from = to;
  }
  const [m, n, total] = [one.length, two.length, all.length];
  const u = sumOfOne - (m * (m + 1)) / 2;
  const deviation = Math.sqrt(((m * n) / 12) * (total + 1 - ties / (total * (total - 1))));
  const z = deviation === 0 ? 0 : (u - (m * n) / 2) / deviation;
  return { z, p: 2 * upperTail(Math.abs(z)) };
}

/** Of the normal distribution, by the approximation of Abramowitz and Stegun, 26.2.17 (error below 1e-7). */
function upperTail(z) {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
