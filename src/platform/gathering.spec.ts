import { describe, expect, it } from '@jest/globals';
import { Gathering } from './gathering.js';

function gathering(answer: (key: string) => string | undefined) {
  const asked: (readonly string[])[] = [];
  const gathered = new Gathering((keys) => {
    asked.push(keys);
    const found = keys.map((key): [string, string | undefined] => [key, answer(key)]);
    return Promise.resolve(new Map(found.flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]]))));
  });
  return { gathered, asked };
}

describe('a gathering', () => {
  it('asks what comes up at one moment in one question, each key once', async () => {
    const { gathered, asked } = gathering((key) => `the answer to ${key}`);
    const answers = await Promise.all(['a', 'b', 'a'].map((key) => gathered.ask(key)));
    expect(answers).toEqual(['the answer to a', 'the answer to b', 'the answer to a']);
    expect(asked).toEqual([['a', 'b']]);
  });

  it('asks anew for what comes up while an answer is awaited', async () => {
    const { gathered, asked } = gathering((key) => key);
    await gathered.ask('a');
    await gathered.ask('a');
    expect(asked).toEqual([['a'], ['a']]);
  });

  it('has no answer where the question has none', async () => {
    const { gathered } = gathering(() => undefined);
    expect(await gathered.ask('a')).toBeUndefined();
  });

  it('asks no more than a hundred at once', async () => {
    const { gathered, asked } = gathering((key) => key);
    await Promise.all(Array.from({ length: 250 }, (_, index) => gathered.ask(String(index))));
    expect(asked.map((keys) => keys.length)).toEqual([100, 100, 50]);
  });

  it('fails everybody whose question failed, and nobody who asks later', async () => {
    let isDown = true;
    const gathered = new Gathering((keys) =>
      isDown ? Promise.reject(new Error('down')) : Promise.resolve(new Map(keys.map((key): [string, string] => [key, key]))),
    );
    const answers = await Promise.allSettled(['a', 'b'].map((key) => gathered.ask(key)));
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    isDown = false;
    expect(await gathered.ask('a')).toBe('a');
  });
});
