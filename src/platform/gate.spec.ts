import { Gate, GateFullError } from './gate.js';

describe('the gate', () => {
  it('lets so many through at once, keeps so many waiting, and refuses the rest', async () => {
    const gate = new Gate(2, 1);
    const doors: (() => void)[] = [];
    const work = () => new Promise<string>((resolve) => doors.push(() => resolve('done')));
    const running = [gate.run(work), gate.run(work), gate.run(work)];
    await expect(gate.run(work)).rejects.toThrow(GateFullError);
    expect(doors).toHaveLength(2);
    doors[0]?.();
    await running[0];
    await Promise.resolve();
    expect(doors).toHaveLength(3);
    doors[1]?.();
    doors[2]?.();
    await expect(Promise.all(running)).resolves.toEqual(['done', 'done', 'done']);
  });

  it('goes on after work that failed', async () => {
    const gate = new Gate(1, 0);
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(gate.run(() => Promise.resolve('yes'))).resolves.toBe('yes');
  });
});
