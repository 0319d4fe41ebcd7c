/**
 * How many a second, from the instants at which each was done: the slope of the line through them. They are few, and some are done
 * in pairs, so a count over a length of time would be off by several per cent.
 *
 * @param instants in milliseconds, in order
 */
export function rateOf(instants) {
  const count = instants.length;
  const [middle, meanIndex] = [instants.reduce((sum, at) => sum + at, 0) / count, (count - 1) / 2];
  const along = instants.reduce((sum, at, index) => sum + (at - middle) * (index - meanIndex), 0);
  const across = instants.reduce((sum, at) => sum + (at - middle) ** 2, 0);
  return { perSecond: (1_000 * along) / across, count };
}

/** So many must be done before a rate is told, however long it takes. */
export const enough = 3;
