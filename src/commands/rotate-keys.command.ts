/** `gatehouse rotate-keys`: brings what is stored under the first of the keys, so that the others can be taken away. */
import type { INestApplicationContext } from '@nestjs/common';
import { loadConfig } from '../platform/config.js';
import type { Command } from './command.js';
import { rotateKeys, type Rotated } from './key-rotation.js';
import { TerminalLines } from './terminal-lines.js';
import { withApplication } from './with-application.js';
import { type Keyed, keysLost } from './with-keys.js';

export const rotateKeysCommand: Command = {
  name: 'rotate-keys',
  positionals: [],
  switches: [keysLost],
  summary: 'encrypts and seals under the first of SECRET_KEYS what is stored under the others; can be stopped and run again',
  async run({ switches, environment }) {
    const config = loadConfig(environment);
    const lines = new TerminalLines(process.stderr);
    const control = {
      stop: untilTold(),
      progress: (text: string) => lines.showProgress(text),
      say: (line: string) => lines.say(line),
    };
    const rotate = async (app: INestApplicationContext, { secretKeys }: Keyed) => ({
      ids: secretKeys.map(({ id }) => id),
      rotated: await rotateKeys(app, control),
    });
    const { ids, rotated } = await withApplication(config, rotate, { areKeysLost: switches.has(keysLost) }).finally(() => lines.erase());
    const [first, ...others] = ids;
    const left = reasonToKeepKeys(rotated);
    if (left) process.stderr.write(`gatehouse: ${left}\n`);
    const counts = Object.entries(rotated.resealed).map(([name, count]) => `${name}: ${count} under ${first} now`);
    const text = [...counts, ...(left ? [] : [outcomeFor(others)])].join('\n');
    return { json: { key: first, ...rotated }, text, exitCode: left ? 1 : 0 };
  },
};

function untilTold(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  return stop.signal;
}

function reasonToKeepKeys({ stopped, unreadable, broken }: Rotated): string | undefined {
  if (stopped) return 'stopped before the end: keep all keys, and run it again to go on';
  if (unreadable + broken.length === 0) return undefined;
  return `not all could be brought under the first key: keep the others (values that cannot be read: ${unreadable}; chains that do not hold: ${broken.length})`;
}

function outcomeFor(others: readonly string[]): string {
  if (others.length === 0) return 'all is under the one key that there is';
  return `all is under the first key: once every copy of the server has it first, take these out of SECRET_KEYS: ${others.join(', ')}`;
}
