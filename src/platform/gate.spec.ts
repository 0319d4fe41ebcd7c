import { Gate, GateByKey, GateFullError } from './gate.js';

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

  it.each([
    ['has each fourth turn', 'b1 b2 b3 a1 a2 a3 a4 a5', 'a1 a2 a3 b1 a4 a5 b2 b3'],
    ['keeps nobody waiting where it is empty', 'a1 a2 a3 a4 a5', 'a1 a2 a3 a4 a5'],
    ['has every turn where nobody is ahead', 'b1 b2', 'b1 b2'],
  ])('lets the line ahead go first: the other one %s', async (_, asWaiting, asServed) => {
    const gate = new Gate(1, 10);
    const order: string[] = [];
    let open = () => {};
    const first = gate.run(() => new Promise<void>((resolve) => (open = resolve)));
    const waiting = asWaiting
      .split(' ')
      .map((name) => gate.run(() => Promise.resolve(void order.push(name)), name.startsWith('a') ? 'ahead' : 'behind'));
    open();
    await Promise.all([first, ...waiting]);
    expect(order.join(' ')).toBe(asServed);
  });

  it('keeps so many waiting in each line: strangers take no place of the others', async () => {
    const gate = new Gate(1, 1);
    let open = () => {};
    const running = [gate.run(() => new Promise<void>((resolve) => (open = resolve))), gate.run(() => Promise.resolve())];
    await expect(gate.run(() => Promise.resolve())).rejects.toThrow(GateFullError);
    running.push(gate.run(() => Promise.resolve(), 'ahead'));
    await expect(gate.run(() => Promise.resolve(), 'ahead')).rejects.toThrow(GateFullError);
    open();
    await Promise.all(running);
  });

  it('goes on after work that failed', async () => {
    const gate = new Gate(1, 0);
    await expect(gate.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(gate.run(() => Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it.each([
    ['tells all who wait of a failure that they would meet in turn', 'away', ['away', 'away', 'away', 'away']],
    ['keeps any other failure to the one that met it', 'no', ['no', 'done', 'done', 'done']],
  ])('%s, and goes on', async (_, failure, expected) => {
    const gate = new Gate(1, 10, (error) => error instanceof Error && error.message === 'away');
    let fail = () => {};
    const first = gate.run(() => new Promise<string>((_resolve, reject) => (fail = () => reject(new Error(failure)))));
    const waiting = (['behind', 'ahead', 'behind'] as const).map((line) => gate.run(() => Promise.resolve('done'), line));
    const ends = [first, ...waiting].map((run) => run.catch((error: unknown) => (error as Error).message));
    fail();
    expect(await Promise.all(ends)).toEqual(expected);
    await expect(gate.run(() => Promise.resolve('yes'))).resolves.toBe('yes');
  });
});

describe('the gate of each member', () => {
  const doors = new Map<string, () => void>();
  const work = (name: string) => () => new Promise<string>((resolve) => doors.set(name, () => resolve(name)));
  const isInside = (name: string) => doors.has(name);
  beforeEach(() => doors.clear());

  it('lets one through at a time, and keeps nobody waiting for another member', async () => {
    const gate = new GateByKey(1);
    const running = [gate.run('olga', work('first')), gate.run('olga', work('second'))];
    await expect(gate.run('olga', work('third'))).rejects.toThrow(GateFullError);
    running.push(gate.run('adam', work('other')));
    expect(['first', 'second', 'third', 'other'].filter(isInside)).toEqual(['first', 'other']);
    doors.get('first')?.();
    await running[0];
    const later = gate.run('olga', work('later'));
    await Promise.resolve();
    expect(['second', 'later'].filter(isInside)).toEqual(['second']);
    for (const name of ['other', 'second']) doors.get(name)?.();
    await expect(Promise.all(running)).resolves.toEqual(['first', 'second', 'other']);
    doors.get('later')?.();
    await expect(later).resolves.toBe('later');
  });

  it('is forgotten when nobody is in it, whether the work was done or failed', async () => {
    const gate = new GateByKey(1);
    await gate.run('olga', () => Promise.resolve());
    await Promise.allSettled([1, 2, 3].map(() => gate.run('olga', () => Promise.reject(new Error('no')))));
    expect(gate).toEqual(new GateByKey(1));
  });
});
