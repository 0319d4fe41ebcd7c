import { codeLimits } from './code-limits.js';

describe('the tries of the second factor', () => {
  it('are five in a challenge, ten until a wait and twenty until it is closed', () => {
    expect(codeLimits(1)).toEqual({ perChallenge: 5, untilWait: 10, untilClosed: 20 });
  });

  it('are a hundred times as many where limits are relaxed', () => {
    expect(codeLimits(100)).toEqual({ perChallenge: 500, untilWait: 1_000, untilClosed: 2_000 });
  });
});
