import { hashWidth } from './hash-width.js';

describe('the gate for hashes', () => {
  it.each([
    ['all cores for one process', { cores: 2, processes: 1, threads: 4 }, 2],
    ['a share for each of several', { cores: 8, processes: 4, threads: 4 }, 2],
    ['no more of them together than there are cores', { cores: 8, processes: 3, threads: 4 }, 2],
    ['one at least, where processes outnumber the cores', { cores: 2, processes: 4, threads: 4 }, 1],
    ['all threads but one', { cores: 16, processes: 1, threads: 4 }, 3],
    ['one of a pool of one', { cores: 16, processes: 1, threads: 1 }, 1],
  ])('is wide enough for %s', (_, share, width) => {
    expect(hashWidth(share)).toBe(width);
  });
});
