import type { BackgroundWork } from './background-work.js';
import { Log } from './log.js';
import { OwedWork } from './owed-work.js';

const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });

describe('what is owed', () => {
  let owed: OwedWork;
  beforeEach(() => {
    jest.useFakeTimers();
    const background: Pick<BackgroundWork, 'atStart'> = { atStart: (begin) => begin() };
    owed = new OwedWork(new Log('silent'), background as BackgroundWork);
  });
  afterEach(async () => {
    await owed.onApplicationShutdown();
    jest.useRealTimers();
  });

  it('is done though something else that is owed fails each time', async () => {
    const failing = jest.fn(() => Promise.reject(away));
    const done = jest.fn(() => Promise.resolve());
    await owed.afterFailure(away, failing);
    await owed.afterFailure(away, done);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(done).toHaveBeenCalledTimes(1);
    expect(failing.mock.calls.length).toBeGreaterThan(1);
  });
});
