import { Log } from './log.js';

const lines: string[] = [];
const log = new Log('trace', { write: (line: string) => void lines.push(line) });
const written = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;

describe('a line of the log', () => {
  it('has of an error its name, code and frames, and nothing of its message', () => {
    const error = Object.assign(new RangeError('secret\n    at secret (/secret)\n    at secret (/secret.ts:1:2)'), { code: 'E_CODE' });
    log.error('request failed', error, { user: 'u' });
    expect(written()).toMatchObject({ level: 50, msg: 'request failed', user: 'u', error: 'RangeError', code: 'E_CODE' });
    expect(written()['stack']).toMatch(/^ +at .+log\.spec\.ts:\d+:\d+\)/);
    expect(lines.at(-1)).not.toContain('secret');
  });

  it('has no message either where Nest hands over the error as the event, or its stack as text', () => {
    const error = new Error('secret');
    log.error(error);
    expect(written()).toMatchObject({ msg: 'error', error: 'Error' });
    log.error('event', error.stack, 'nest-context');
    expect(written()).toMatchObject({ msg: 'event', stack: expect.stringMatching(/^ +at /) });
    expect(lines.slice(-2).join('')).not.toMatch(/secret|nest-context/);
  });

  it('is one JSON object whatever is in it, with its time in UTC', () => {
    log.security('refused', { address: '192.0.2.1\n{"msg":"forged"}' });
    expect(lines.at(-1)?.trimEnd().split('\n')).toHaveLength(1);
    expect(written()).toMatchObject({ level: 40, security: true, msg: 'refused', time: expect.stringMatching(/T.+\.\d{3}Z$/) });
  });
});
